internal import Cluster
internal import CommandLanguage
internal import JSON
internal import LabClock
internal import WALFormat

/// The loss ledger: every acknowledged commit that the new primary does not have.
///
/// Its rows are writes. As long as each commit had one write, they are commits as well and are
/// called so.
///
/// A long one shows its first and its last rows; JSON has them all.
struct LossTable {
    private let report: LossReport

    init(_ report: LossReport) { self.report = report }

    /// Heading, rows and summary.
    var lines: [String] {
        let survivor = report.survivor
        let isAre = Words.verb(report.survivedCount, "is", "are")
        let survived =
            "\(report.survivedCount) of \(report.acknowledgedCount) \(isAre) on \(survivor)"
        guard !report.lost.isEmpty else {
            return ["0 acknowledged \(noun)s lost (\(survived))"] + unknownLines
        }
        return [heading] + rows + summary + unknownLines
    }

    /// The members of the answer's object.
    var members: [(String, JSONValue)] {
        [
            ("count", .int(report.lost.count)), ("commits", .int(commitCount)),
            ("records", .array(report.lost.map(\.json))),
            ("acknowledged", .int(report.acknowledgedCount)),
            ("salvaged", .int(report.lost.count(where: \.isSalvaged))),
            ("survivor", .string(report.survivor)),
            ("unknown", .array(report.unknown.map(\.json))),
        ]
    }

    /// The lab's own client is named beside others alone.
    private var namesClients: Bool { report.lost.contains { $0.client != nil } }

    private var noun: String { report.hasSharedCommits ? "write" : "commit" }

    /// Commits among the lost: writes of one share its place.
    private var commitCount: Int { Set(report.lost.map { [$0.node, $0.lsn.description] }).count }

    private var heading: String {
        let count = report.lost.count
        let which = report.hasSharedCommits ? " of \(Words.commits(commitCount))" : ""
        return "\(CountText.of(count, "acknowledged \(noun)"))\(which)"
            + " \(Words.verb(count, "is", "are")) lost:"
    }

    private var rows: [String] {
        let columns: [TextTable.Column] =
            [.text("lsn"), .text("key"), .text("value"), .text("acked at")]
            + (namesClients ? [.text("client")] : []) + [.text("reached")]
        return TextTable.shortened(columns, report.lost.lazy.map { $0.cells(namesClients) })
    }

    private var summary: [String] {
        let count = report.lost.count
        var line = "lost \(count) of \(report.acknowledgedCount) acknowledged \(noun)s"
        if let span = report.span {
            line +=
                span.first == span.last
                ? ", confirmed at \(span.first.text)"
                : ", confirmed from \(span.first.text) to \(span.last.text)"
        }
        return [line] + programs + zombies + salvaged + oldDisks
    }

    /// How many an old primary told when another had been promoted.
    private var zombies: [String] {
        var counts: [String: Int] = [:]
        for record in report.lost where record.isZombie { counts[record.node, default: 0] += 1 }
        return counts.sorted { $0.key < $1.key }.map { node, count in
            let which = Self.which(count, of: report.lost.count)
            return "\(which) \(Words.verb(count, "is a zombie", "are zombies")): "
                + "\(node) told OK when another was the primary"
        }
    }

    private var salvaged: [String] {
        let count = report.lost.count(where: \.isSalvaged)
        guard count > 0 else { return [] }
        let which = Self.which(count, of: report.lost.count)
        let (were, them) = count == 1 ? ("was", "it") : ("were", "them")
        return ["\(which) \(were) salvaged: \(report.survivor) has \(them) by a later write"]
    }

    /// `all 4 of them`, `2 of them`, `it`.
    private static func which(_ count: Int, of all: Int) -> String {
        guard count == all else { return "\(count) of them" }
        return count > 2 ? "all \(count) of them" : Words.verb(count, "it", "both of them")
    }

    /// How many of the OKs went to programs from outside.
    private var programs: [String] {
        var counts: [String: Int] = [:]
        for case let client? in report.lost.map(\.client) { counts[client, default: 0] += 1 }
        return counts.sorted { $0.key < $1.key }.map { client, count in
            "\(count) of them \(Words.verb(count, "was", "were")) confirmed to "
                + Words.quoted(client, limit: 24)
        }
    }

    /// What could still be dug out of the disks of those that gave the OKs.
    private var oldDisks: [String] {
        var counts: [String: Int] = [:]
        for record in report.lost where record.isOnOldDisk { counts[record.node, default: 0] += 1 }
        return counts.keys.sorted().map { node in
            let which = Self.which(counts[node] ?? 0, of: report.lost.count)
            return "the disk of \(node) still holds \(which)"
        }
    }

    private var unknownLines: [String] {
        report.unknown.map { write in
            "no answer came for \(write.text), asked of \(write.node) at \(write.askedAt.text): "
                + "\(report.survivor) \(write.survived ? "has it" : "does not have it")"
        }
    }
}

extension LostRecord {
    /// With a client's name there is less room for the row's texts.
    fileprivate func cells(_ namesClient: Bool) -> [String] {
        let program = client.map { Words.quoted($0, limit: 12) } ?? "lab"
        return [
            lsn.description, Words.quoted(key, limit: namesClient ? 14 : 24),
            value.map { Words.quoted($0, limit: namesClient ? 12 : 16) } ?? "(deleted)",
            acknowledgedAt.text,
        ] + (namesClient ? [program] : []) + [
            reached.text + (isZombie ? ", zombie" : "") + (isSalvaged ? ", salvaged" : "")
        ]
    }

    fileprivate var json: JSONValue {
        [
            "lsn": .string(lsn.description), "key": .string(key), "value": .optional(value),
            "acked_at": acknowledgedAt.json, "reached": .string(reached.text),
            "node": .string(node),
            "client": .string(client ?? "lab"), "on_old_disk": .bool(isOnOldDisk),
            "on_disks": .array(disks.map { .string($0) }), "salvaged": .bool(isSalvaged),
            "zombie": .bool(isZombie),
        ]
    }
}

extension Reach {
    /// In the chapter's words.
    fileprivate var text: String {
        switch self {
        case .ack: "acked only"
        case .send(let replicas): "sent to \(Words.list(replicas))"
        case .receive(let replicas): "received by \(Words.list(replicas))"
        }
    }
}

extension UnknownWrite {
    fileprivate var text: String {
        "\(Words.quoted(key, limit: 24)) = "
            + (value.map { Words.quoted($0, limit: 16) } ?? "(deleted)")
    }

    fileprivate var json: JSONValue {
        [
            "key": .string(key), "value": .optional(value), "node": .string(node),
            "asked_at": askedAt.json, "survived": .bool(survived),
        ]
    }
}
