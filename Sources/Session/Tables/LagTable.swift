internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import JSON
internal import LabClock
internal import Replication
internal import WALFormat

/// The meters of `lag`, one row a replica in each of two tables: how much of the log is missing,
/// and for how long; what the usual meters show, and what is so. Then how each that is behind came
/// to be so, and how it goes on.
///
/// - Believed: PostgreSQL's `pg_stat_replication`, behind the upstream's own log. There is no row
///   for a replica that is not connected.
/// - The truth is known to the lab alone: it looks at both nodes at once.
/// - Of many replicas, those that have everything are told of in one line.
struct LagTable {
    fileprivate struct Row {
        let node: LabSnapshot.Node
        let believed: [BelievedLag?]
        let lag: Standing.Lag?
        let meters: [MeterReading]
        let outlook: LagOutlook?
        /// The most that was missing, slice by slice.
        let highest: [Int]
    }

    private let standing: Standing
    private let shownMeters: [LagMeter]
    private let rows: [Row]

    init(_ standing: Standing, _ heartbeats: Heartbeats?) {
        self.standing = standing
        shownMeters = LagMeter.all(with: heartbeats)
        rows = standing.followers.map { node in
            Row(
                node: node, believed: standing.believedLags(of: node),
                lag: standing.lag(of: node), meters: standing.meters(of: node, heartbeats),
                outlook: standing.outlook(of: node),
                highest: node.past?.highest(at: standing.snapshot.time) ?? [])
        }
    }

    /// The tables, what their columns mean, and which meter is wrong now.
    var lines: [String] {
        guard !rows.isEmpty else { return ["there is no replica to lag behind"] }
        let (shown, folded) = FoldedNames.split(
            rows, foldable: { $0.hasEverything ? $0.node.name : nil })
        guard !shown.isEmpty else { return ["\(Words.list(folded)): nothing is missing"] }
        return distances(shown) + times(shown)
            + (folded.isEmpty ? [] : ["\(Words.list(folded)) have it all"])
            + histories(shown) + outlooks(shown) + remarks(shown)
    }

    private func distances(_ rows: [Row]) -> [String] {
        var table = TextTable([
            .text("replica"), .number("sent"), .number("write"), .number("flush"),
            .number("replay"), .number("missing"), .number("link"),
        ])
        for row in rows { table.append(row.distances) }
        let name = standing.snapshot.primary
        return table.lines + [
            standing.primaryIsUp
                ? "bytes/commits behind; sent to replay: as \(name) believes (pg_stat_replication)"
                : "bytes/commits; sent to replay: nobody knows, since \(name) is down",
            "missing: the truth"
                + (standing.primaryIsUp ? "" : ", against the end of \(name)'s log"),
        ]
    }

    private func times(_ rows: [Row]) -> [String] {
        var table = TextTable(
            [.text("replica")] + shownMeters.map { .number($0.rawValue) }
                + [.number("truth")])
        for row in rows { table.append(row.times(shownMeters)) }
        return table.lines + [
            "truth: the age of the oldest missing commit; a meter with ! is wrong now"
        ]
    }

    /// The members of `replicas`.
    var json: [JSONValue] { rows.map(\.json) }
}

// How they came to be behind, and how it goes on.
extension LagTable {
    private func histories(_ rows: [Row]) -> [String] {
        let behind = rows.filter { ($0.highest.max() ?? 0) > 0 }
        guard !behind.isEmpty else { return [] }
        let span = LagHistory.slice * LagHistory.sliceCount
        var table = TextTable([
            .text("replica"), .text("missing in the last \(span.text)"), .number("at most"),
        ])
        for row in behind {
            let most = ByteSize.rounded(row.highest.max() ?? 0)
            table.append([row.node.name, Sparkline.text(row.highest), most])
        }
        return table.lines
    }

    /// Those of whom the same is to be said, together.
    private func outlooks(_ rows: [Row]) -> [String] {
        var said: [(lines: [String], names: [String])] = []
        for row in rows {
            guard let outlook = row.outlook else { continue }
            let name = row.node.name
            let lines = outlook.lines(upstream: standing.upstream(of: name))
            if let index = said.firstIndex(where: { $0.lines == lines }) {
                said[index].names.append(name)
            } else {
                said.append((lines, [name]))
            }
        }
        return said.flatMap { lines, names in
            ["bottleneck of \(Words.list(names)): \(lines[0])"] + lines.dropFirst()
        }
    }
}

// What is to be said of them in words.
extension LagTable {
    private func remarks(_ rows: [Row]) -> [String] {
        cascaded(rows) + wrongMeters(rows) + unseen(rows)
    }

    private func cascaded(_ rows: [Row]) -> [String] {
        rows.compactMap { row in
            let name = row.node.name
            let upstream = standing.upstream(of: name)
            return upstream == standing.snapshot.primary
                ? nil : "\(name) follows \(upstream): sent to replay as \(upstream) believes"
        }
    }

    private func unseen(_ rows: [Row]) -> [String] {
        let unseen = rows.filter { $0.believed.allSatisfy { $0 == nil } }.map(\.node.name)
        guard standing.primaryIsUp, !unseen.isEmpty else { return [] }
        return ["\(standing.snapshot.primary) sees nothing of \(Words.list(unseen))"]
    }

    /// A line for each meter and each way to be wrong, with the replicas it is wrong about.
    private func wrongMeters(_ rows: [Row]) -> [String] {
        var said: [(text: String, names: [String], meters: [String])] = []
        for row in rows {
            for reading in row.meters {
                guard let text = reading.fault?.text else { continue }
                let (name, meter) = (row.node.name, reading.meter.rawValue)
                if let index = said.firstIndex(where: { $0.text == text }) {
                    if !said[index].names.contains(name) { said[index].names.append(name) }
                    if !said[index].meters.contains(meter) { said[index].meters.append(meter) }
                } else {
                    said.append((text, [name], [meter]))
                }
            }
        }
        return said.flatMap { text, names, meters in
            let verb = Words.verb(meters.count, "is", "are")
            return [
                "\(Words.list(meters)) \(verb) wrong about \(Words.list(names)):", "  \(text)",
            ]
        }
    }
}

extension LagTable.Row {
    /// Nothing is missing, nothing is on its way, and nothing is wrong with its link.
    var hasEverything: Bool {
        lag?.byteCount == 0 && believed.allSatisfy { $0?.byteCount == 0 }
            && node.link.map { !$0.isCut && $0.delay == .zero } ?? true
    }

    fileprivate var distances: [String] {
        [node.name] + believed.map { $0?.text ?? "-" } + [
            lag.map { "\($0.byteCount)/\($0.commits)" } ?? "-",
            node.link.map { $0.isCut ? "cut" : $0.delay.text } ?? "-",
        ]
    }

    fileprivate func times(_ meters: [LagMeter]) -> [String] {
        let shown = meters.map { meter in
            self.meters.first { $0.meter == meter }.flatMap { reading in
                reading.shown.map { $0.meterText + (reading.fault == nil ? "" : "!") }
            } ?? "-"
        }
        return [node.name] + shown + [lag?.time?.meterText ?? "-"]
    }

    fileprivate var json: JSONValue {
        let names = ["sent", "write", "flush", "replay"]
        let bytes = zip(names, believed).map { name, lag in
            ("\(name)_lag", lag.map { JSONValue.int($0.byteCount) } ?? .null)
        }
        let commits = zip(names, believed).map { name, lag in
            ("\(name)_commits", (lag?.commits).map { JSONValue.int($0) } ?? .null)
        }
        let shown = meters.map { reading in
            ("\(reading.meter.jsonName)_ms", reading.shown?.jsonMilliseconds ?? JSONValue.null)
        }
        let truth: [(String, JSONValue)] = [
            ("name", .string(node.name)),
            ("byte_lag", lag.map { .int($0.byteCount) } ?? .null),
            ("commits_behind", lag.map { .int($0.commits) } ?? .null),
            ("time_lag_ms", lag?.time?.jsonMilliseconds ?? .null),
        ]
        let wrong = meters.filter { $0.fault != nil }.map { JSONValue.string($0.meter.rawValue) }
        let history = highest.map { JSONValue.int($0) }
        return .members(
            truth + bytes + commits + shown + LagOutlook.json(outlook) + [
                ("history", .array(history)),
                ("wrong", .array(wrong)),
                ("link_cut", node.link.map { .bool($0.isCut) } ?? .null),
                ("link_delay_ms", node.link?.delay.jsonMilliseconds ?? .null),
            ])
    }
}

extension LagMeter {
    /// As JSON has it; `write_lag` and its like are bytes there.
    fileprivate var jsonName: String {
        switch self {
        case .write: "write_time_lag"
        case .flush: "flush_time_lag"
        case .replay: "replay_time_lag"
        case .naive: "naive_time_lag"
        case .guarded: "guarded_time_lag"
        case .heartbeat: "heartbeat_time_lag"
        }
    }
}

extension MeterReading.Fault {
    /// What is wrong, in a clause.
    fileprivate var text: String {
        switch self {
        case .countsIdleTime: "no commit is missing there, it counts idle time"
        case .countsFromLastReplayed:
            "it counts from the last commit replayed, not from the first that is missing"
        case .ignoresWhatNeverArrived(let commits):
            "all that arrived is replayed; \(Words.commits(commits)) never arrived"
        case .isWithinTheInterval(let interval):
            "no commit is missing there; the row is written every \(interval.text) only"
        case .isNotWritten: "no commit is missing there; no heartbeat is written"
        case .countsFromTheLastRow(let interval):
            "it counts from the last row that came, and one comes every \(interval.text) only"
        case .isOfAnEarlierCommit: "that was an earlier commit; none is missing now"
        case .knowsOnlyTheLastWord:
            "that is what the last report said; none has come since about what is missing"
        }
    }
}

/// How far a replica is behind at one step, as its upstream believes.
private struct BelievedLag: Hashable {
    let byteCount: Int
    /// Nil: nobody knows any more.
    let commits: Int?

    var text: String { "\(byteCount)/\(commits.map(String.init) ?? "?")" }
}

extension Standing {
    /// Sent, write, flush and replay lag, as the replica's upstream believes; nil where it knows
    /// nothing.
    fileprivate func believedLags(of node: LabSnapshot.Node) -> [BelievedLag?] {
        let upstream = snapshot[upstream(of: node.name)]
        // A PostgreSQL that is refused connects again and again, in its own time.
        if node.kind == .postgres, node.reception != .streaming { return [nil, nil, nil, nil] }
        let sender = upstream?.senders.first { $0.name == node.name }
        let end = upstream?.positions?.flush
        let trail = node.trail
        let steps: [(LSN?, Int?)] = [
            (sender?.sent, trail?.unsent), (sender?.write, trail?.unreported.write),
            (sender?.flush, trail?.unreported.flush),
            (sender?.replay, trail?.unreported.replay),
        ]
        return steps.map { position, commits in
            guard let position, let end else { return nil }
            return BelievedLag(byteCount: max(0, end - position), commits: commits)
        }
    }
}
