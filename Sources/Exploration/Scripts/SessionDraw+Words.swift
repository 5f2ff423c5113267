internal import DatabaseNode
internal import LabClock

// The words that stand in more than one command.
extension SessionDraw {
    /// Any node; now and then none at all.
    mutating func node() -> String {
        if draws.isOne(in: 40) { return draws.pick(["r9", "P", "standby"]) }
        return draws.isOne(in: 8) ? "primary" : draws.pick(nodes)
    }

    /// Mostly a node that is a replica.
    mutating func replica() -> String {
        let replicas = nodes.filter { $0 != primary }
        return replicas.isEmpty || draws.isOne(in: 10) ? node() : draws.pick(replicas)
    }

    /// Who has a link: mostly a replica, now and then the monitor.
    mutating func linkEnd() -> String {
        !isPlain && draws.isOne(in: 8) ? "monitor" : replica()
    }

    /// Mostly a node that is down.
    mutating func downNode() -> String {
        downNodes.isEmpty || draws.isOne(in: 5) ? node() : draws.pick(downNodes)
    }

    /// Mostly the primary.
    mutating func writableNode() -> String { draws.isOne(in: 4) ? node() : primary }

    /// A word that is mostly left out, with the blank that follows it.
    mutating func optional(_ word: String) -> String { draws.isOne(in: 3) ? word + " " : "" }

    /// A word behind the others that is there one time in so many.
    mutating func behind(_ word: String, oneIn count: Int) -> String {
        draws.isOne(in: count) ? " " + word : ""
    }

    mutating func key() -> String {
        switch isPlain ? 2 + draws.number(below: 10) : draws.number(below: 12) {
        case 0: "'two words'"
        case 1: "ключ"
        case 2, 3: "pay:\(draws.number(below: 12))"
        default: draws.pick(["a", "b", "c", "d", "e"])
        }
    }

    mutating func value() -> String {
        switch isPlain ? 3 + draws.number(below: 9) : draws.number(below: 12) {
        case 0: "''"
        case 1: "'a value of more than one word'"
        case 2: String(repeating: "v", count: draws.pick([200, 2000, 7000]))
        default: String(draws.number(below: 1000))
        }
    }

    mutating func delay() -> String {
        draws.pick(["0ms", "1ms", "66ms", "100ms", "100ms", "800ms", "800ms", "3s", "70s"])
    }

    /// An hour of lab time is hundreds of keepalives: long waits are rare.
    mutating func waitingTime() -> String {
        let long = draws.isOne(in: 8) ? "20m" : "3m"
        return draws.pick([
            "1ms", "50ms", "100ms", "100ms", "400ms", "800ms", "800ms", "1s", "1s", "2s", "5s",
            "5s", "5s", "10s", "10s", "30s", "61s", "61s", long,
        ])
    }

    mutating func position() -> String {
        "0/" + String(0x100028 + draws.number(below: 0x2000), radix: 16, uppercase: true)
    }
}

// The arguments of one command.
extension SessionDraw {
    mutating func load() -> String {
        var text = "load \(draws.pick([1, 1, 2, 3, 3, 5, 12, 12, 45, 300]))"
        switch isPlain ? 3 + draws.number(below: 9) : draws.number(below: 12) {
        case 0: text = "load 150 of 7000"
        case 1: text += " of \(draws.pick([10, 700, 7000]))"
        case 2 where draws.isOne(in: 8): text = "load 1000"
        case 3 where !isPlain && draws.isOne(in: 3): text = mixedLoad()
        case 3, 4, 5: text += " every \(draws.pick(["66ms", "100ms", "1s/15", "1s", "10ms"]))"
        default: break
        }
        return draws.isOne(in: 2) ? text + " as \(draws.pick(["pay", "x", "a"]))" : text
    }

    /// From a node that runs, or from the files of one that does not.
    mutating func get() -> String {
        if draws.isOne(in: 4) { return "get \(downNode()) \(key()) --disk" }
        return "get \(optional(node()))\(key())"
    }

    /// A key, or the beginning of many.
    mutating func deletedRows() -> String {
        !isPlain && draws.isOne(in: 4) ? draws.pick(["k:*", "pay:*", "x:1*", "* --all"]) : key()
    }

    private mutating func mixedLoad() -> String {
        let policies = draws.isOne(in: 3) ? "" : " via=any,\(readPolicy())"
        return
            "load reads=\(draws.pick([0, 1, 5, 40])) writes=\(draws.pick([0, 1, 3, 12]))"
            + " every \(draws.pick(["10ms", "66ms", "1s"])) users=\(draws.pick([1, 2, 10]))"
            + policies
    }

    mutating func read() -> String {
        if draws.isOne(in: 12) { return "read" }
        if draws.isOne(in: 3) {
            let key = draws.isOne(in: 3) ? "" : key() + " "
            return "read \(optional(node()))\(key)hold=\(draws.pick(["100ms", "2s", "30s", "2m"]))"
        }
        let policy = draws.isOne(in: 4) ? "" : " via=\(readPolicy())"
        return "read \(key())\(policy)\(behind("by=other", oneIn: 6))"
    }

    private mutating func readPolicy() -> String {
        draws.pick([
            "any", "primary", "sticky:100ms", "sticky:2s", "token", "token:100ms", "token:5s",
            "sticky", node(),
        ])
    }

    mutating func wal() -> String {
        "wal\(behind(node(), oneIn: 2)) \(position())..\(behind("--raw", oneIn: 3))"
    }

    /// A look, a reset, or faults, each of which may come alone.
    mutating func link() -> String {
        let replica = replica()
        switch draws.number(below: 8) {
        case 0: return "link\(behind(replica, oneIn: 2))"
        case 1: return "link \(replica) reset"
        case 2: return "link \(replica) stall\(way())"
        default: break
        }
        let faults = [
            "rtt=\(draws.pick(["0ms", "2ms", "130ms", "3s", "140s"]))",
            "delay=\(delay())", "jitter=\(draws.pick(["0ms", "333us", "5ms", "1s", "none"]))",
            "bandwidth=\(draws.pick(["1kB/s", "20kB/s", "1MB/s", "none", "none"]))",
            "window=\(draws.pick(["1", "536", "6kB", "64kB", "none", "none"]))",
        ]
        let count = 1 + draws.number(below: 3)
        let words = (0..<count).map { _ in draws.pick(faults) }
        return "link \(replica) \(words.joined(separator: " "))\(way())"
    }

    private mutating func way() -> String {
        draws.pick(["", "", " way=wal", " way=feedback"])
    }

    mutating func slow() -> String {
        let apply = "apply=\(draws.pick(["0", "0", "0.2ms", "20ms", "1s", "20ms/MB", "1s/MB"]))"
        let fsync = "fsync=\(draws.pick(["0", "0", "5ms", "70ms", "1s"]))"
        switch draws.number(below: 7) {
        case 0: return "slow\(behind(node(), oneIn: 2))"
        case 1, 2: return "slow \(node()) \(apply) \(fsync)"
        case 3, 4: return "slow \(node()) \(fsync)"
        default: return "slow \(replica()) \(apply)"
        }
    }

    mutating func watch() -> String {
        let what = draws.pick(["lag", "lag", "link", "slots", "status", "topology"])
        let (length, interval) = draws.pick([
            ("3s", ""), ("1s", " every=400ms"), ("61s", " every=30s"),
        ])
        return "watch \(what) for=\(length)\(interval)"
    }

    /// Mostly behind a number of bytes; else now and then an end that comes by itself.
    mutating func laterCut() -> String {
        guard draws.isOne(in: 3) else {
            guard !isPlain, draws.isOne(in: 5) else { return "" }
            let (length, again) = draws.pick([("70s", ""), ("2s", ""), ("2s", " every=10s")])
            return " for=\(length)\(again)"
        }
        let count = draws.pick([0, 1, 24, 37, 40, 137, 137, 1000, draws.number(below: 6000)])
        let way = draws.pick(["", "", " way=wal", " way=feedback", " way=feedback"])
        return " after=\(count)\(way)"
    }

    mutating func crash() -> String {
        let node = draws.isOne(in: 3) ? primary : node()
        let after =
            !isPlain && draws.isOne(in: 3)
            ? " after=\(draws.pick(CommitStage.allCases.map(\.rawValue) + ["never"]))" : ""
        if after.isEmpty { tookDown(node) }
        let wire = draws.isOne(in: 4) ? " wire=\(draws.pick(["drop", "deliver", "deliver"]))" : ""
        let disk =
            draws.isOne(in: 3)
            ? " disk=\(draws.pick(["nothing", "everything", "prefix", "sectors"]))" : ""
        return "crash \(node)\(wire)\(disk)\(after)"
    }

    /// A commit begins its walk, or goes on with it.
    mutating func step() -> String {
        draws.isOne(in: 3) ? "step \(key()) \(draws.number(below: 9))" : "step"
    }

    mutating func stop() -> String {
        let node = node()
        tookDown(node)
        return "stop \(node)"
    }

    private mutating func tookDown(_ word: String) {
        let node = word == "primary" ? primary : word
        guard nodes.contains(node), !downNodes.contains(node) else { return }
        downNodes = (downNodes + [node]).sorted()
    }

    mutating func restart() -> String {
        let node = downNode()
        downNodes.removeAll { $0 == node }
        let role = !isPlain && draws.isOne(in: 4) ? " as=replica" : ""
        return "restart \(node)\(role)"
    }

    mutating func promote() -> String {
        if !isPlain, draws.isOne(in: 3) {
            return "promote\(behind(replica(), oneIn: 2)) --dry-run"
        }
        let node = replica()
        if nodes.contains(node), !downNodes.contains(node) { primary = node }
        return "promote \(node)"
    }

    /// Of any node: replicas past a fork have tails as old primaries do.
    mutating func salvage() -> String {
        let act = draws.pick(["", "", " --apply", " --apply skip", " --apply overwrite"])
        return "salvage \(node())\(act)"
    }

    /// Mostly of a node that is down.
    mutating func rewind() -> String {
        let node = draws.isOne(in: 4) ? node() : downNode()
        return "rewind \(node)" + behind("from \(self.node())", oneIn: 3)
            + behind("--dry-run", oneIn: 3) + behind("--discard", oneIn: 2)
    }

    /// Mostly one that begins, now and then with terms that it cannot keep.
    mutating func monitor() -> String {
        switch draws.number(below: 6) {
        case 0: return "monitor"
        case 1: return "monitor off"
        default: break
        }
        let interval = draws.pick(["", "", " interval=1s", " interval=250ms", " interval=5ms"])
        let timeout = draws.pick(["", "", "", " timeout=100ms", " timeout=2s"])
        return "monitor misses=\(draws.pick([1, 3, 3, 5]))\(interval)\(timeout)"
    }

    /// Mostly some that begin; now and then with terms that nobody can keep.
    mutating func clients() -> String {
        switch draws.number(below: 8) {
        case 0: return "clients"
        case 1, 2: return "clients off"
        case 3: return draws.pick(["clients 0 every 1s", "clients 3 every 0s", "clients 101"])
        default: break
        }
        let pace = draws.pick(["500ms", "2s", "5s", "5s", "3333ms"])
        return "clients \(draws.pick([1, 2, 3])) every \(pace)"
            + behind("retry=\(draws.pick(["1ms", "2s", "15s"]))", oneIn: 3)
    }

    mutating func route() -> String {
        draws.pick([
            "route", "route dns", "route dns ttl=1ms", "route dns ttl=3s", "route dns ttl=30s",
            "route dns ttl=0s", "route vip", "route vip", "route pooler", "route pooler",
            "route vip ttl=3s",
        ])
    }

    mutating func failover() -> String {
        draws.pick([
            "failover", "failover", "failover auto", "failover auto", "failover tuned",
            "failover untuned",
        ])
    }

    /// Mostly of who takes writes.
    mutating func fence() -> String {
        let node = draws.isOne(in: 4) ? node() : primary
        let method = draws.pick(
            ["", " by=power", " by=command", " by=command", " by=lease:5s", " by=lease:500ms"])
        if method.isEmpty || method == " by=power" { tookDown(node) }
        return "fence \(node)\(method)"
    }

    mutating func slot() -> String {
        let name = draws.pick(nodes + ["s"])
        switch draws.number(below: 5) {
        case 0, 1: return "slot create \(name)\(behind(node(), oneIn: 4))"
        case 2: return "slot drop \(name)\(behind(node(), oneIn: 4))"
        case 3: return "slot use \(name) \(replica())"
        default: return draws.isOne(in: 3) ? "slot use none \(replica())" : "slot use r1 r1"
        }
    }

    mutating func baseBackup() -> String {
        let replica = replica()
        downNodes.removeAll { $0 == replica }
        let source = draws.isOne(in: 4) ? " from \(node())" : ""
        let rate = draws.isOne(in: 3) ? " rate \(draws.pick([32, 64, 256, 4096]))" : ""
        return
            "basebackup \(replica)\(source)\(rate)\(isPlain ? "" : behind("--no-wait", oneIn: 2))"
    }

    mutating func diskCondition() -> String {
        draws.pick(["full", "full", "eio", "eio", "ok", "ok", "ok", "room 1", "room 2"])
    }

    mutating func damage() -> String {
        switch draws.number(below: 3) {
        case 0: "torn"
        case 1: "wal \(position())"
        default: "page \(draws.number(below: 2)) \(draws.number(below: 8192))"
        }
    }

    mutating func config() -> String {
        let (name, values) = draws.pick(Self.settings)
        return draws.isOne(in: 8) ? "config \(name)" : "config \(name) \(draws.pick(values))"
    }

    private static let settings = [
        ("full_page_writes", ["on", "off"]),
        ("wal_compression", ["off", "on", "pglz", "pglz", "zstd"]),
        ("wal_sender_timeout", ["0", "1s", "10s", "60s"]),
        ("wal_receiver_timeout", ["0", "1s", "10s", "60s"]),
        // Much shorter ones would make minutes of lab time take minutes.
        ("wal_receiver_status_interval", ["0", "1s", "10s"]),
        ("wal_retrieve_retry_interval", ["1s", "5s", "30s"]),
        ("max_standby_streaming_delay", ["-1", "0", "1s", "30s"]),
        ("hot_standby_feedback", ["on", "on", "off"]),
        ("wal_keep_size", ["0", "1MB", "4MB"]),
        ("max_slot_wal_keep_size", ["-1", "1MB", "2MB"]),
        ("max_wal_size", ["2MB", "3MB", "1GB"]),
        ("min_wal_size", ["2MB", "80MB"]),
        ("auth", ["trust", "scram"]),
        ("synchronous_commit", ["on"]),
        ("heartbeat_interval", ["0", "0", "1s", "10s"]),
        ("lag_alarm_time", ["0", "1s", "10s"]),
        ("lag_alarm_bytes", ["0", "64kB", "1GB"]),
    ]
}
