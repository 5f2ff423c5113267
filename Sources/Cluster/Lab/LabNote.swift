import DatabaseNode
import LabClock
import Network
import WALFormat

/// What a kept lab writes down of itself, so that it comes back as it was left: what it is, who
/// follows whom, what is wrong with the links, who was down and what those had, and where timelines
/// began. What clients were told is in a file of its own, `LedgerFile`.
///
/// Not kept: the settings, a base backup under way, and the lab client's open transaction.
struct LabNote: Hashable {
    let seed: UInt64
    let replicas: Int
    /// The lab began as a real PostgreSQL's cluster.
    let isFromPostgres: Bool
    var clock = LabInstant.start
    /// The upstream of each standby, by its name.
    var upstreams: [String: String] = [:]
    /// The slot each standby uses, by its name.
    var slots: [String: String] = [:]
    /// What is wrong with the link of each standby, by its name.
    var faults: [String: [Link.Way: WireFaults]] = [:]
    /// Where each node stands, by name.
    var regions: [String: String] = [:]
    /// What the nodes' own work takes, by name.
    var costs: [String: NodeCosts] = [:]
    /// The nodes that were down, and what they had.
    var down: [String: Down] = [:]
    /// How far logs had ever got.
    var logReach = LogReach()
    /// The promotions there were.
    var timelines = Timelines()
    /// How far the file goes at least that has what clients were told.
    var ledger = LedgerFile.Extent()
    /// The nodes' directories are being made: until that is over there is nothing in them.
    var isUnderConstruction = false

    /// The promotions there were.
    struct Timelines: Hashable {
        /// Where timelines began.
        var forks = TimelineForks()
        /// The promotions, in their order.
        var failovers: [Failover] = []
        /// The newest timeline that a failed promotion may have begun.
        var claimed = Timeline.first
    }

    /// A node that was down.
    struct Down: Hashable {
        var why: LastSeen.Why
        var isPrimary: Bool
        /// Where its log ended, on which timeline, and the commits in it; nil: nobody knew.
        var log: (position: LogPosition, commits: Int)?

        static func == (left: Down, right: Down) -> Bool {
            left.why == right.why && left.isPrimary == right.isPrimary
                && left.log?.position == right.log?.position
                && left.log?.commits == right.log?.commits
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(why)
            hasher.combine(isPrimary)
            hasher.combine(log?.position)
            hasher.combine(log?.commits)
        }
    }

    init(seed: UInt64, replicas: Int, isFromPostgres: Bool = false) {
        self.seed = seed
        self.replicas = replicas
        self.isFromPostgres = isFromPostgres
    }

    /// `p`, `r1`, `r2` and on.
    var nodeNames: [String] { LabOptions.nodeNames(replicas: replicas) }

    /// What a node had that was down.
    func seen(_ node: String) -> LastSeen? {
        down[node].map { down in
            LastSeen(
                why: down.why, isPrimary: down.isPrimary,
                log: down.log.map {
                    LogExtent(
                        timelines.forks.lineage(of: $0.position.timeline), end: $0.position.lsn)
                },
                commits: down.log?.commits ?? 0)
        }
    }
}

// The note as its file has it, one fact a line; the file's last line is its checksum.
extension LabNote {
    private static let version = 3

    var text: String {
        var lines = [
            "version \(Self.version)", "seed \(seed)", "replicas \(replicas)",
            "clock \(clock.nanoseconds)",
            "claimed \(timelines.claimed)",
            "ledger \(ledger.byteCount) \(CRC32C.digits(ledger.checksum))",
        ]
        if isFromPostgres { lines.append("origin postgres") }
        if isUnderConstruction { lines.append("state construction") }
        lines += upstreams.sorted { $0.key < $1.key }.map { "upstream \($0.key) \($0.value)" }
        lines += slots.sorted { $0.key < $1.key }.map { "slot \($0.key) \($0.value)" }
        lines += logReach.lines
        lines += timelines.forks.byTimeline.sorted { $0.key < $1.key }.map { timeline, fork in
            "fork \(timeline) \(fork.parent) \(fork.switchpoint) \(fork.commits)"
        }
        lines += timelines.failovers.flatMap(\.lines)
        lines += down.sorted { $0.key < $1.key }.map { node, down in
            let role = down.isPrimary ? "primary" : "standby"
            let log = down.log.map { log in
                " \(log.position.timeline) \(log.position.lsn) \(log.commits)"
            }
            return "down \(node) \(down.why.rawValue) \(role)\(log ?? "")"
        }
        lines += regions.sorted { $0.key < $1.key }.map { "region \($0.key) \($0.value)" }
        lines += costs.sorted { $0.key < $1.key }.filter { $0.value != .none }
            .map { "cost \($0.key) \($0.value.words)" }
        for (node, ways) in faults.sorted(by: { $0.key < $1.key }) {
            for (name, way) in Self.ways {
                guard let faults = ways[way], faults != .none else { continue }
                lines.append("fault \(node) \(name) \(faults.words.joined(separator: " "))")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static let ways: [(name: String, way: Link.Way)] = [
        ("wal", .downstream), ("feedback", .upstream),
    ]

    /// Reads a note; nil when it is none.
    init?(_ text: String) {
        var facts: [Substring: Substring] = [:]
        var lists: [[Substring]] = []
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count > 1 else { return nil }
            if words.count == 2 { facts[words[0]] = words[1] } else { lists.append(words) }
        }
        guard facts["version"] == "\(Self.version)",
            let seed = facts["seed"].flatMap({ UInt64($0) }),
            let replicas = facts["replicas"].flatMap({ Int($0) }),
            (0...LabOptions.replicaLimit).contains(replicas),
            let clock = facts["clock"].flatMap({ Int64($0) }), clock >= 0
        else { return nil }
        self.init(seed: seed, replicas: replicas, isFromPostgres: facts["origin"] == "postgres")
        self.clock = LabInstant(nanoseconds: clock)
        timelines.claimed = facts["claimed"].flatMap { UInt32($0) }.map { Timeline($0) } ?? .first
        isUnderConstruction = facts["state"] == "construction"
        for words in lists { guard read(words) else { return nil } }
    }

    private mutating func read(_ words: [Substring]) -> Bool {
        let name = String(words[1])
        switch (words[0], words.count) {
        case ("upstream", 3): upstreams[name] = String(words[2])
        case ("slot", 3): slots[name] = String(words[2])
        case ("sent", 5), ("received", 4): return logReach.read(words)
        case ("ledger", 3):
            guard let byteCount = Int(name), let checksum = UInt32(words[2], radix: 16) else {
                return false
            }
            ledger = .init(byteCount: byteCount, checksum: checksum)
        case ("fork", 5):
            guard let timeline = UInt32(name), let parent = UInt32(words[2]),
                let switchpoint = LSN(words[3]), let commits = Int(words[4])
            else { return false }
            timelines.forks.note(
                Timeline(timeline),
                .init(parent: Timeline(parent), switchpoint: switchpoint, commits: commits))
        case ("failover", 5), ("failover", 7):
            guard let failover = Failover(words: words.dropFirst()) else { return false }
            timelines.failovers.append(failover)
        case ("bound", 5):
            guard let last = timelines.failovers.popLast(),
                let failover = last.adding(bound: words.dropFirst())
            else { return false }
            timelines.failovers.append(failover)
        case ("down", 4), ("down", 7):
            guard let why = LastSeen.Why(rawValue: String(words[2])) else { return false }
            down[name] = Down(why: why, isPrimary: words[3] == "primary")
            guard words.count == 7 else { return true }
            guard let timeline = UInt32(words[4]), let end = LSN(words[5]),
                let commits = Int(words[6])
            else { return false }
            down[name]?.log = (LogPosition(Timeline(timeline), end), commits)
        case ("region", 3): regions[name] = String(words[2])
        case ("cost", 5):
            guard let read = NodeCosts(words: words.dropFirst(2)) else { return false }
            costs[name] = read
        case ("fault", 4...):
            guard let way = Self.ways.first(where: { $0.name == words[2] })?.way,
                let read = WireFaults(words: words.dropFirst(3))
            else { return false }
            faults[name, default: [:]][way] = read
        default: return false
        }
        return true
    }
}
