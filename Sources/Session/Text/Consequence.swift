internal import Cluster
internal import CommandLanguage
internal import JSON
internal import LabClock

/// What a moment means, in words: who is behind, and what the primary's death would cost.
extension Standing {
    /// `r1 and r2 are 12 commits behind p (2064 bytes, 733ms)`, a line for each different lag;
    /// nothing for replicas that have it all.
    var lagLines: [String] {
        grouped(followersShown.filter { (lag(of: $0)?.byteCount ?? 0) > 0 }) { lag(of: $0) }
            .compactMap { names, lag in lag.map { line(names, $0) } }
    }

    private func line(_ names: [String], _ lag: Lag) -> String {
        let bytes = CountText.bytes(lag.byteCount)
        let start = "\(Words.list(names)) \(Words.verb(names.count, "is", "are")) "
        guard lag.commits > 0 else {
            return start + "\(bytes) behind \(snapshot.primary), with no commit among them"
        }
        let age = lag.time.map { $0 > .zero ? [$0.meterText] : [] } ?? []
        let measures = [bytes] + age
        return start + "\(Words.commits(lag.commits)) behind \(snapshot.primary)"
            + " (\(measures.joined(separator: ", ")))"
    }

    /// The transaction that was open and whose node went away.
    func lostTransaction(since before: Standing) -> [String] {
        guard let node = before.transaction, transaction == nil,
            snapshot[node]?.isRunning != true
        else { return [] }
        return ["the open transaction went with \(node): nobody will ever see what it wrote"]
    }

    /// What would be lost if the primary died now; when it is down already, what a promotion costs.
    var riskLine: String {
        let name = snapshot.primary
        let start = primaryIsUp ? "at risk if \(name) dies now: " : "lost if \(name) stays down: "
        guard let end else { return start + "not known; \(name) was never seen up" }
        let costs = grouped(followers) { lag(of: $0)?.commits ?? 0 }
            .sorted { $0.value < $1.value }
        guard let first = costs.first else {
            return start + Self.all(end.commits) + " (\(nobodyReason))"
        }
        if costs.count == 1 { return start + Self.some(first.value) }
        let rest = costs.dropFirst().map { "\($0.value) if \(Words.list($0.names, "or"))" }
        return start
            + "\(Words.commits(first.value)) if \(Words.list(first.names, "or")) is promoted, "
            + rest.joined(separator: ", ")
    }

    /// Each replica and the commits its promotion would cost.
    var riskJSON: JSONValue {
        .array(
            followers.compactMap { node in
                lag(of: node).map { ["replica": .string(node.name), "commits": .int($0.commits)] }
            })
    }

    private var nobodyReason: String {
        let outsider = snapshot.foreign.flatMap { lag(of: $0) == nil ? nil : $0.name }
        let exception = outsider.map { " but \($0), which cannot be promoted here" } ?? ""
        if replicas.isEmpty { return "there is no replica" + exception }
        return replicas.contains(where: \.isRunning)
            ? "no replica follows \(snapshot.primary)" + exception
            : "no replica is up" + exception
    }

    private static func some(_ commits: Int) -> String {
        commits == 0 ? "nothing" : Words.commits(commits)
    }

    private static func all(_ commits: Int) -> String {
        commits < 2 ? some(commits) : "all \(Words.commits(commits))"
    }

    /// Nodes with the same value together, in the order of their first ones.
    private func grouped<Value: Equatable>(
        _ nodes: [LabSnapshot.Node], by value: (LabSnapshot.Node) -> Value
    ) -> [(names: [String], value: Value)] {
        var groups: [(names: [String], value: Value)] = []
        for node in nodes {
            let value = value(node)
            if let index = groups.firstIndex(where: { $0.value == value }) {
                groups[index].names.append(node.name)
            } else {
                groups.append(([node.name], value))
            }
        }
        return groups
    }
}
