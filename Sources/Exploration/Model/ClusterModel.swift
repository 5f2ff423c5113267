/// A cluster as its documents describe it, with none of its machinery: each node's log is a list of
/// commits, a replica's log is a beginning of its upstream's, and a promotion makes a replica's log
/// go its own way.
///
/// It predicts what every key is on every node and which acknowledged commits are lost. How far a
/// replica has got at an instant it does not predict: it reads that off (`commits` of `status`) and
/// holds everything else against it.
///
/// - It knows the verbs of ``verbs``. When a line is none of them, or one failed in a way that
///   leaves open what became of a write, it is ``isLost`` and says nothing any more.
struct ClusterModel {
    private(set) var isLost = false
    private(set) var commits: [ModelCommit] = []
    private(set) var logs: [String: ModelLog]
    /// The logs before the line: what a wire held then may arrive now, whatever its sender did.
    private var formerLogs: [String: ModelLog] = [:]
    private(set) var primaries: Set<String> = ["p"]
    /// The node that became the primary last.
    private(set) var primary = "p"
    /// Numbers of the commits whose clients were told OK, in that order.
    private var acknowledged: [Int] = []
    /// Nodes whose directory a base backup emptied and did not fill.
    private var emptied: Set<String> = []

    init(replicas: Int) {
        let names = ["p"] + (0..<replicas).map { "r\($0 + 1)" }
        logs = Dictionary(uniqueKeysWithValues: names.map { ($0, ModelLog()) })
    }

    /// What a key is on a node.
    func value(of key: String, on node: String) -> String? {
        let last = logs[node]?.commits.last { commits[$0].key == key }
        return last.flatMap { commits[$0].value }
    }

    /// Acknowledged commits that the primary does not have.
    var lost: [ModelCommit] {
        let kept = Set(logs[primary]?.commits ?? [])
        return acknowledged.filter { !kept.contains($0) }.map { commits[$0] }
    }

    /// How many of the primary's commits a node does not have.
    func behind(_ node: String) -> Int {
        guard let own = logs[node], let main = logs[primary] else { return 0 }
        return main.count - main.sharedCount(with: own)
    }
}

// What a command does.
extension ClusterModel {
    /// A line was carried out, or failed.
    mutating func did(_ line: String, failed: Bool) {
        formerLogs = logs
        let words = line.split(separator: " ").map(String.init).filter { $0 != "--json" }
        let isPlain = !line.contains { ";'\"#".contains($0) }
        guard let verb = words.first, SessionDraw.plainVerbs.contains(verb), isPlain else {
            isLost = true
            return
        }
        let arguments = words.dropFirst().map { $0 == "primary" ? primary : $0 }
        switch verb {
        case "set": write(arguments, valueCount: 1, failed)
        case "delete": write(arguments, valueCount: 0, failed)
        case "load": load(arguments, failed)
        case "promote" where !failed && !arguments.contains("--dry-run"): promoted(arguments)
        case "crash" where arguments.contains { $0.hasPrefix("after=") }: isLost = true
        case "follow" where !failed: cameBack(arguments)
        case "restart" where !failed && arguments.contains("as=replica"): cameBack(arguments)
        case "basebackup": refilled(arguments, failed)
        default: break
        }
    }

    private mutating func write(_ arguments: [String], valueCount: Int, _ failed: Bool) {
        guard !failed else { return }
        let hasNode = arguments.count == valueCount + 2
        // The node may stand behind the key of a delete.
        var rest = arguments
        var node = primary
        if hasNode {
            let place = logs[rest[0]] != nil ? 0 : rest.count - 1
            node = rest.remove(at: place)
        }
        // A delete of many rows is one commit, of which the model has no word.
        guard rest.count == valueCount + 1, logs[node] != nil,
            valueCount == 1 || !rest[0].hasSuffix("*")
        else {
            isLost = true
            return
        }
        let value = valueCount == 1 ? rest[1] : nil
        // Deleting what is not there commits nothing.
        if value == nil, self.value(of: rest[0], on: node) == nil { return }
        acknowledge(ModelCommit(key: rest[0], value: value), on: node)
    }

    private mutating func acknowledge(_ commit: ModelCommit, on node: String) {
        acknowledged.append(commits.count)
        logs[node]?.commits.append(commits.count)
        commits.append(commit)
    }

    private mutating func load(_ arguments: [String], _ failed: Bool) {
        let prefix = arguments.firstIndex(of: "as").map { arguments[$0 + 1] } ?? "k"
        guard !failed, let count = arguments.first.flatMap({ Int($0) }), !arguments.contains("of")
        else {
            // How many of them were written is anybody's guess; none if it was refused at once.
            isLost = isLost || !failed || arguments.contains("every")
            return
        }
        for number in 1...max(1, count) {
            acknowledge(ModelCommit(key: "\(prefix):\(number)", value: "\(number)"), on: primary)
        }
    }

    private mutating func promoted(_ arguments: [String]) {
        guard let node = arguments.first else { return }
        primaries.insert(node)
        primary = node
    }

    /// An old primary is a replica from now on. It has what it had: who has less now than it had
    /// before is found out by what is seen.
    private mutating func cameBack(_ arguments: [String]) {
        guard let node = arguments.first else { return }
        primaries.remove(node)
    }

    private mutating func refilled(_ arguments: [String], _ failed: Bool) {
        guard let node = arguments.first, logs[node] != nil else { return }
        guard !failed else {
            emptied.insert(node)
            return
        }
        emptied.remove(node)
        primaries.remove(node)
        logs[node] = ModelLog()
    }
}

// What was seen after it.
extension ClusterModel {
    /// Takes over how far the replicas have got, and says what cannot be.
    mutating func saw(_ now: Observation, before: Observation) -> [String] {
        guard now.primary == primary else {
            return ["model, primary: it is \(now.primary), and should be \(primary)"]
        }
        var problems: [String] = []
        // From the primaries down, so that a replica's upstream is known before the replica.
        for name in now.names.sorted(by: { now.depth(of: $0) < now.depth(of: $1) }) {
            guard let node = now.nodes[name], let count = node.commits else { continue }
            problems += saw(count, on: name, upstreams: now.chain(name) + before.chain(name))
            if node.isPrimary != primaries.contains(name), !emptied.contains(name) {
                problems.append("model, role: \(name) is \(node.isPrimary ? "a" : "no") primary")
            }
        }
        return problems
    }

    private mutating func saw(_ count: Int, on name: String, upstreams: [String]) -> [String] {
        guard let own = logs[name], count != own.count else { return [] }
        if emptied.contains(name) {
            isLost = true
            return []
        }
        let text = "model, log: \(name) has \(count) commits, and had \(own.count)"
        guard count > own.count else { return [text] }
        let log = upstreams.flatMap { [logs[$0], formerLogs[$0]] }.compactMap { $0 }
            .first { $0.count >= count && own.isBeginning(of: $0) }
        guard !primaries.contains(name), let log else {
            return [text + "; no upstream of it has a log that goes on so"]
        }
        logs[name] = log.prefix(count)
        return []
    }
}

extension Observation {
    /// The nodes that a node follows, one behind the other.
    func chain(_ name: String) -> [String] {
        var chain: [String] = []
        var upstream = nodes[name]?.upstream
        while let next = upstream, !chain.contains(next) {
            chain.append(next)
            upstream = nodes[next]?.upstream
        }
        return chain
    }

    func depth(of name: String) -> Int { chain(name).count }
}
