internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import JSON
internal import LabClock
internal import WALFormat

/// The meters of `lag`, one row a replica: what the primary believes, what is so, and what the
/// clock alone would say.
///
/// - Believed: PostgreSQL's `pg_stat_replication`, in bytes behind the primary's own log. There is
///   no row for a replica that is not connected.
/// - The truth is known to the lab alone: it looks at both nodes at once.
struct LagTable {
    fileprivate struct Row {
        let node: LabSnapshot.Node
        let believed: [Int?]
        let lag: Standing.Lag?
    }

    private static let columns: [TextTable.Column] = [
        .text("replica"), .number("sent"), .number("write"), .number("flush"), .number("replay"),
        .number("bytes"), .number("commits"), .number("time"), .number("naive"), .number("link"),
    ]

    private let standing: Standing
    private let rows: [Row]

    init(_ standing: Standing) {
        self.standing = standing
        rows = standing.followers.map { node in
            Row(
                node: node, believed: standing.believedLags(of: node.name),
                lag: standing.lag(of: node))
        }
    }

    /// The table and what its columns mean.
    var lines: [String] {
        guard !rows.isEmpty else { return ["there is no replica to lag behind"] }
        var table = TextTable(Self.columns)
        for row in rows { table.append(row.cells) }
        let name = standing.snapshot.primary
        return table.lines + [
            standing.primaryIsUp
                ? "sent to replay: bytes of lag as \(name) believes (pg_stat_replication)"
                : "sent to replay: nobody knows, since \(name) is down",
            "bytes, commits, time: the truth"
                + (standing.primaryIsUp ? "" : ", against the end of \(name)'s log"),
            "naive: now - pg_last_xact_replay_timestamp()",
        ] + remarks
    }

    /// The members of `replicas`.
    var json: [JSONValue] { rows.map(\.json) }

    private var remarks: [String] {
        var lines = rows.compactMap { row in
            let name = row.node.name
            let upstream = standing.upstream(of: name)
            return upstream == standing.snapshot.primary
                ? nil : "\(name) follows \(upstream): sent to replay as \(upstream) believes"
        }
        let idle = rows.filter { ($0.lag?.commits == 0) && ($0.lag?.naiveTime ?? .zero) > .zero }
        if !idle.isEmpty {
            let names = idle.map(\.node.name)
            lines.append(
                "naive is wrong about \(Words.list(names)): no commit is missing there, it counts"
                    + " idle time")
        }
        let unseen = rows.filter { $0.believed.allSatisfy { $0 == nil } }.map(\.node.name)
        if standing.primaryIsUp, !unseen.isEmpty {
            lines.append("\(standing.snapshot.primary) sees nothing of \(Words.list(unseen))")
        }
        return lines
    }
}

extension LagTable.Row {
    fileprivate var cells: [String] {
        [node.name] + believed.map { $0.map(String.init) ?? "-" } + [
            lag.map { String($0.byteCount) } ?? "-",
            lag.map { String($0.commits) } ?? "-",
            lag?.time?.meterText ?? "-",
            lag?.naiveTime?.meterText ?? "-",
            node.link.map { $0.isCut ? "cut" : $0.delay.text } ?? "-",
        ]
    }

    fileprivate var json: JSONValue {
        let names = ["sent_lag", "write_lag", "flush_lag", "replay_lag"]
        let seen = zip(names, believed).map { ($0, $1.map { JSONValue.int($0) } ?? .null) }
        let truth: [(String, JSONValue)] = [
            ("name", .string(node.name)),
            ("byte_lag", lag.map { .int($0.byteCount) } ?? .null),
            ("commits_behind", lag.map { .int($0.commits) } ?? .null),
            ("time_lag_ms", lag?.time?.jsonMilliseconds ?? .null),
            ("naive_time_lag_ms", lag?.naiveTime?.jsonMilliseconds ?? .null),
        ]
        return .members(
            truth + seen + [
                ("link_cut", node.link.map { .bool($0.isCut) } ?? .null),
                ("link_delay_ms", node.link?.delay.jsonMilliseconds ?? .null),
            ])
    }
}

extension Standing {
    /// Sent, write, flush and replay lag in bytes, as the replica's upstream believes; nil where it
    /// knows nothing.
    fileprivate func believedLags(of replica: String) -> [Int?] {
        let upstream = snapshot[upstream(of: replica)]
        // A PostgreSQL that is refused connects again and again, in its own time.
        if let node = snapshot[replica], node.kind == .postgres, node.reception != .streaming {
            return [nil, nil, nil, nil]
        }
        let sender = upstream?.senders.first { $0.name == replica }
        let end = upstream?.positions?.flush
        return [sender?.sent, sender?.write, sender?.flush, sender?.replay].map { position in
            guard let position, let end else { return nil }
            return max(0, end - position)
        }
    }
}
