internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import JSON
internal import WALFormat

/// The rows of `status`: one a node, its positions under PostgreSQL's names. After a command the
/// same columns show the rows it changed.
struct StatusTable {
    private static let columns: [TextTable.Column] = [
        .text("node"), .text("role"), .text("state"), .number("tli"), .text("insert"),
        .text("flush"), .text("write"), .text("replay"), .number("commits"),
    ]

    private let rows: [[String]]

    /// The row of every node.
    init(_ snapshot: LabSnapshot) {
        rows = snapshot.members.map(Self.row)
    }

    /// The rows that are not as they were before.
    init(_ snapshot: LabSnapshot, since before: LabSnapshot) {
        let old = Set(before.members.map(Self.row))
        rows = snapshot.members.map(Self.row).filter { !old.contains($0) }
    }

    /// The heading and the rows; nothing when there is no row. Of many replicas, those that stand
    /// where most do are one line.
    var lines: [String] {
        guard !rows.isEmpty else { return [] }
        let usual = usualPlace
        let (shown, folded) = FoldedNames.split(rows) { row in
            row.dropFirst() == usual ? row[0] : nil
        }
        var table = TextTable(Self.columns)
        for row in shown { table.append(row) }
        guard let usual, !folded.isEmpty else { return table.lines }
        let places = zip(Self.columns.dropFirst(), usual).map { column, cell in (column.title, cell)
        }
        let said = places.filter { ["state", "replay", "commits"].contains($0.0) }
            .map { $0.0 == "state" ? $0.1 : "\($0.0) \($0.1)" }
        return (shown.isEmpty ? [] : table.lines)
            + ["\(Words.list(folded)): \(said.joined(separator: ", "))"]
    }

    /// What most of the streaming replicas' rows say, but for their names.
    private var usualPlace: ArraySlice<String>? {
        let places = rows.filter { $0[2] == "streaming" }.map { $0.dropFirst() }
        return Dictionary(grouping: places) { $0 }.max {
            ($0.value.count, $0.key.joined()) < ($1.value.count, $1.key.joined())
        }?.key
    }

    private static func row(_ node: LabSnapshot.Node) -> [String] {
        let start = [node.name, node.isStandby ? "replica" : "primary", node.stateText]
        guard let positions = node.positions else {
            return start + Array(repeating: "-", count: columns.count - start.count)
        }
        let places: [LSN?] =
            node.isStandby
            ? [nil, positions.flush, positions.write, positions.replay]
            : [positions.insert, positions.flush, nil, nil]
        return start + [positions.timeline.description]
            + places.map { $0?.description ?? "-" } + [String(positions.commits)]
    }
}

extension LabSnapshot.Node {
    /// One word or two for how it is; also what the fact `state NODE` says.
    var stateText: String {
        if let fencing, state == .up || fencing == .power { return fencing.word }
        return switch state {
        case .up: reception?.text ?? "up"
        case .full: "full"
        case .frozen: "frozen"
        case .failed: "failed"
        case .seeding(let progress): progress.text
        case .crashed: "crashed"
        case .stopped: "stopped"
        }
    }

    /// A member of `nodes` in the JSON of `status`.
    var json: JSONValue {
        guard let fencing else { return .members(members) }
        return .members(members + [("fence", fencing.json)])
    }

    private var members: [(String, JSONValue)] {
        [
            ("name", .string(name)), ("role", isStandby ? "replica" : "primary"),
            ("state", .string(stateName)),
            ("timeline", positions.map { .int(Int($0.timeline.rawValue)) } ?? .null),
            ("insert_lsn", .optional(positions?.insert.description)),
            ("flush_lsn", .optional(positions?.flush.description)),
            ("write_lsn", .optional(positions?.write.description)),
            ("replay_lsn", .optional(positions?.replay.description)),
            ("commits", positions.map { .int($0.commits) } ?? .null),
            ("replication", .optional(reception?.text)), ("upstream", .optional(role.upstream)),
            ("slot", .optional(slot)),
            ("link", .optional(link.map { $0.isCut ? "cut" : "whole" })),
            ("link_delay_ms", link?.delay.jsonMilliseconds ?? .null),
        ]
    }

    private var stateName: String {
        switch state {
        case .up: "up"
        case .full: "full"
        case .frozen: "frozen"
        case .failed: "failed"
        case .seeding: "backup"
        case .crashed: "crashed"
        case .stopped: "stopped"
        }
    }
}

extension SeedingProgress {
    /// `backup 37%`, then `backup WAL`, which follows the files and is not in the estimate.
    fileprivate var text: String {
        guard let expectedByteCount, expectedByteCount > 0 else { return "backup" }
        guard receivedByteCount < expectedByteCount else { return "backup WAL" }
        return "backup \(receivedByteCount * 100 / expectedByteCount)%"
    }
}

extension Reception {
    /// One word for it.
    var text: String {
        switch self {
        case .connecting: "connecting"
        case .streaming: "streaming"
        case .waiting: "waiting"
        case .stopped: "diverged"
        }
    }
}
