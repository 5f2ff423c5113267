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
    /// A longer table is cut in the middle.
    private static let longest = 20
    /// So many rows stay on either side of the cut.
    private static let shownPerSide = 10

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
        var table = TextTable(
            [.text("lsn"), .text("key"), .text("value"), .text("acked at")]
                + (namesClients ? [.text("client")] : []) + [.text("reached")])
        let isCut = report.lost.count > Self.longest
        let shown =
            isCut
            ? report.lost.prefix(Self.shownPerSide) + report.lost.suffix(Self.shownPerSide)
            : report.lost[...]
        for record in shown { table.append(record.cells(namesClients)) }
        guard isCut else { return table.lines }
        var lines = table.lines
        let between = report.lost.count - shown.count
        lines.insert("... \(between) more ...", at: 1 + Self.shownPerSide)
        return lines
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
        return [line] + programs + oldDisks
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
            let count = counts[node] ?? 0
            let which =
                count == report.lost.count
                ? (count > 2 ? "all \(count) of them" : Words.verb(count, "it", "both of them"))
                : "\(count) of them"
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
        ] + (namesClient ? [program] : []) + [reached.text]
    }

    fileprivate var json: JSONValue {
        [
            "lsn": .string(lsn.description), "key": .string(key), "value": .optional(value),
            "acked_at": acknowledgedAt.json, "reached": .string(reached.text),
            "node": .string(node),
            "client": .string(client ?? "lab"), "on_old_disk": .bool(isOnOldDisk),
            "on_disks": .array(disks.map { .string($0) }),
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
