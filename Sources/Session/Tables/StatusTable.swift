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
        rows = snapshot.members.map(Self.row).filter { !before.members.map(Self.row).contains($0) }
    }

    /// The heading and the rows; nothing when there is no row.
    var lines: [String] {
        guard !rows.isEmpty else { return [] }
        var table = TextTable(Self.columns)
        for row in rows { table.append(row) }
        return table.lines
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
        switch state {
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
        [
            "name": .string(name), "role": isStandby ? "replica" : "primary",
            "state": .string(stateName),
            "timeline": positions.map { .int(Int($0.timeline.rawValue)) } ?? .null,
            "insert_lsn": .optional(positions?.insert.description),
            "flush_lsn": .optional(positions?.flush.description),
            "write_lsn": .optional(positions?.write.description),
            "replay_lsn": .optional(positions?.replay.description),
            "commits": positions.map { .int($0.commits) } ?? .null,
            "replication": .optional(reception?.text), "upstream": .optional(role.upstream),
            "slot": .optional(slot),
            "link": .optional(link.map { $0.isCut ? "cut" : "whole" }),
            "link_delay_ms": link?.delay.jsonMilliseconds ?? .null,
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
