internal import Cluster
internal import CommandLanguage
internal import JSON
internal import LabClock
internal import WALFormat

/// The loss ledger: the acknowledged commits that the new primary does not have; all of them, told
/// apart by the promotion that has lost them, or those of the last promotion.
///
/// Its rows are writes. As long as each commit had one write, they are commits as well and are
/// called so.
///
/// A long one shows its first and its last rows; JSON has them all.
struct LossTable {
    private let report: LossReport
    /// What it names.
    private let lost: [LostRecord]
    private let unknown: [UnconfirmedWrite]
    /// It names what the last promotion has lost, and no more.
    private let isOfPromotion: Bool

    /// All that is lost.
    init(_ report: LossReport) {
        self.report = report
        lost = report.lost
        unknown = report.unknown
        isOfPromotion = false
    }

    /// What the promotion has lost that was just made.
    init(ofPromotion report: LossReport) {
        self.report = report
        lost = report.ownLost
        unknown = report.ownUnknown
        isOfPromotion = true
    }

    /// Heading, rows and summary.
    var lines: [String] {
        guard !lost.isEmpty else { return [nothing] + unknownLines }
        return [heading] + groupedRows + summary + before + unknownLines
    }

    /// The one line that says how much is lost.
    var verdict: String { report.lost.isEmpty ? lines[0] : "\(summary[0]); 'lost' names them" }

    /// The members of the answer's object.
    var members: [(String, JSONValue)] {
        [
            ("count", .int(lost.count)), ("commits", .int(commitCount)),
            ("records", .array(lost.map(\.json))),
            ("acknowledged", .int(report.acknowledgedCount)),
            ("salvaged", .int(lost.count(where: \.isSalvaged))),
            ("survivor", .string(report.survivor)),
            ("unknown", .array(unknown.map(\.json))),
        ]
            + (isOfPromotion
                ? [("lost_in_all", .int(report.lost.count))]
                : [failovers] + LossMatrix(report).members)
    }

    private var failovers: (String, JSONValue) {
        ("failovers", .array(report.failovers.map { $0.json(lost: lostBy($0).count) }))
    }

    /// Lost by earlier promotions.
    private var countBefore: Int { report.lost.count - lost.count }

    private func lostBy(_ failover: Failover) -> [LostRecord] {
        lost.filter { $0.lostBy == failover.timeline }
    }

    private var noun: String { report.hasSharedCommits ? "write" : "commit" }

    /// Commits among the lost: writes of one share its place.
    private var commitCount: Int { Set(lost.map { [$0.node, $0.lsn.description] }).count }

    private var nothing: String {
        if isOfPromotion, countBefore > 0 {
            return "0 more acknowledged \(noun)s lost (\(countBefore) before: 'lost')"
        }
        let count = report.survivedCount
        return "0 acknowledged \(noun)s lost (\(count) of \(report.acknowledgedCount) "
            + "\(Words.verb(count, "is", "are")) on \(report.survivor))"
    }

    private var heading: String {
        let count = lost.count
        let which = report.hasSharedCommits ? " of \(Words.commits(commitCount))" : ""
        let more = countBefore > 0 ? "more " : ""
        return "\(CountText.of(count, "\(more)acknowledged \(noun)"))\(which)"
            + " \(Words.verb(count, "is", "are")) lost:"
    }

    /// The rows; where several promotions have lost some, each one's under its name.
    private var groupedRows: [String] {
        let groups = report.failovers.map { ($0, lostBy($0)) }.filter { !$0.1.isEmpty }
        let others = lost.filter { $0.lostBy == nil }
        guard groups.count + (others.isEmpty ? 0 : 1) > 1 else { return LossRows(lost).lines }
        let unexplained =
            others.isEmpty ? [] : ["without a promotion: \(others.count)"] + LossRows(others).lines
        return unexplained
            + groups.flatMap { failover, lost in
                [
                    "by the promotion of \(failover.node) at \(failover.at.text) "
                        + "(timeline \(failover.timeline)): \(lost.count)"
                ] + LossRows(lost).lines
            }
    }

    private var summary: [String] {
        var line = "lost \(lost.count) of \(report.acknowledgedCount) acknowledged \(noun)s"
        if let first = lost.first?.acknowledgedAt, let last = lost.last?.acknowledgedAt {
            line +=
                first == last
                ? ", confirmed at \(first.text)"
                : ", confirmed from \(first.text) to \(last.text)"
        }
        return [line] + programs + zombies + salvaged + oldDisks
    }

    /// How many an old primary told when another had been promoted.
    private var zombies: [String] {
        var counts: [String: Int] = [:]
        for record in lost where record.isZombie { counts[record.node, default: 0] += 1 }
        return counts.sorted { $0.key < $1.key }.map { node, count in
            return "\(which(count)) \(Words.verb(count, "is a zombie", "are zombies")): "
                + "\(node) told OK when another was the primary"
        }
    }

    private var before: [String] {
        guard countBefore > 0 else { return [] }
        return ["\(countBefore) \(Words.verb(countBefore, "was", "were")) lost before: 'lost'"]
    }

    private var salvaged: [String] {
        let count = lost.count(where: \.isSalvaged)
        guard count > 0 else { return [] }
        let (were, them) = count == 1 ? ("was", "it") : ("were", "them")
        return ["\(which(count)) \(were) salvaged: \(report.survivor) has \(them) by a later write"]
    }

    /// `all 4 of them`, `2 of them`, `it`.
    private func which(_ count: Int) -> String {
        guard count == lost.count else { return "\(count) of them" }
        return count > 2 ? "all \(count) of them" : Words.verb(count, "it", "both of them")
    }

    /// How many of the OKs went to programs from outside.
    private var programs: [String] {
        var counts: [String: Int] = [:]
        for case let client? in lost.map(\.client) { counts[client, default: 0] += 1 }
        return counts.sorted { $0.key < $1.key }.map { client, count in
            "\(count) of them \(Words.verb(count, "was", "were")) confirmed to "
                + Words.quoted(client, limit: 24)
        }
    }

    /// What could still be dug out of the disks of those that gave the OKs.
    private var oldDisks: [String] {
        var counts: [String: (table: Int, log: Int)] = [:]
        for record in lost where record.isOnOldDisk {
            if record.isInOldTable {
                counts[record.node, default: (0, 0)].table += 1
            } else {
                counts[record.node, default: (0, 0)].log += 1
            }
        }
        return counts.sorted { $0.key < $1.key }.map { node, count in
            let start = "the disk of \(node) still holds "
            guard count.log > 0 else { return start + which(count.table) }
            guard count.table > 0 else { return start + which(count.log) + ", in its log alone" }
            return start + "\(count.table) of them, and \(count.log) more in its log alone"
        }
    }

    private var unknownLines: [String] {
        unknown.map { write in
            "no answer came for \(write.text), asked of \(write.node) at \(write.askedAt.text): "
                + "\(report.survivor) \(write.survived ? "has it" : "does not have it")"
        }
    }
}

extension Failover {
    fileprivate func json(lost: Int) -> JSONValue {
        [
            "node": .string(node), "timeline": .int(Int(timeline.rawValue)), "at": at.json,
            "old_primary": .string(oldPrimary), "lost": .int(lost),
            "log_lost": .distance(bounds.lost), "lag_at_death": .distance(bounds.atDeath),
            "lag_monitor_saw": .distance(bounds.seenByMonitor),
        ]
    }
}

extension JSONValue {
    fileprivate static func distance(_ distance: LossBounds.Distance?) -> JSONValue {
        guard let distance else { return .null }
        return [
            "bytes": .int(distance.bytes), "commits": distance.commits.map { .int($0) } ?? .null,
        ]
    }
}

extension LostRecord {
    fileprivate var json: JSONValue {
        [
            "lsn": .string(lsn.description), "key": .string(key), "value": .optional(value),
            "acked_at": acknowledgedAt.json, "reached": .string(reached.text),
            "node": .string(node),
            "client": .string(client ?? "lab"), "on_old_disk": .bool(isOnOldDisk),
            "on_disks": .array(disks.map { .string($0) }),
            "in_tables": .array(tables.map { .string($0) }), "salvaged": .bool(isSalvaged),
            "zombie": .bool(isZombie),
            "lost_by_timeline": lostBy.map { .int(Int($0.rawValue)) } ?? .null,
        ]
    }
}

extension UnconfirmedWrite {
    fileprivate var text: String {
        "\(Words.quoted(key, limit: 24)) = "
            + (value.map { Words.quoted($0, limit: 16) } ?? "(deleted)")
    }

    var json: JSONValue {
        [
            "key": .string(key), "value": .optional(value), "node": .string(node),
            "asked_at": askedAt.json, "survived": .bool(survived),
            "lsn": .optional(commit?.lsn.description),
        ]
    }
}
