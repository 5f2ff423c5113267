internal import Cluster
internal import CommandLanguage
internal import JSON
internal import LabClock

/// What a moment means, in words: who is behind, and what the primary's death would cost.
extension Standing {
    /// `r1 and r2 are 12 commits behind p (2064 bytes, 733ms)`, a line for each different lag;
    /// nothing for replicas that have it all.
    var lagLines: [String] {
        grouped(followers.filter { (lag(of: $0)?.byteCount ?? 0) > 0 }, \.name) { lag(of: $0) }
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
        let costs = grouped(candidates, \.name) { $0.cost }.sorted {
            ($0.value ?? .max) < ($1.value ?? .max)
        }
        guard let first = costs.first else {
            return start + Self.all(end.commits) + " (\(nobodyReason))"
        }
        if costs.count == 1 { return start + Self.some(first.value) }
        let rest = costs.dropFirst().map {
            "\($0.value.map(String.init) ?? "not known") if \(Words.list($0.names, "or"))"
        }
        let least = first.value.map(Words.commits) ?? "not known"
        return start
            + "\(least) if \(Words.list(first.names, "or")) is promoted, "
            + rest.joined(separator: ", ")
    }

    /// Each replica and the commits its promotion would cost.
    var riskJSON: JSONValue {
        .array(
            candidates.map {
                ["replica": .string($0.name), "commits": $0.cost.map { .int($0) } ?? .null]
            })
    }

    private var nobodyReason: String {
        let postgres = followers.first { $0.kind == .postgres && lag(of: $0) != nil }
        let exception = postgres.map { " but \($0.name), which cannot be promoted here" } ?? ""
        if replicas.isEmpty { return "there is no replica" + exception }
        return replicas.contains(where: \.isRunning)
            ? "no replica follows \(snapshot.primary)" + exception
            : "no replica is up" + exception
    }

    private static func some(_ commits: Int?) -> String {
        guard let commits else { return "not known" }
        return commits == 0 ? "nothing" : Words.commits(commits)
    }

    private static func all(_ commits: Int) -> String {
        commits < 2 ? some(commits) : "all \(Words.commits(commits))"
    }

    /// Those with the same value together, in the order of their first ones.
    private func grouped<Element, Value: Equatable>(
        _ elements: [Element], _ name: (Element) -> String, by value: (Element) -> Value
    ) -> [(names: [String], value: Value)] {
        var groups: [(names: [String], value: Value)] = []
        for element in elements {
            let value = value(element)
            if let index = groups.firstIndex(where: { $0.value == value }) {
                groups[index].names.append(name(element))
            } else {
                groups.append(([name(element)], value))
            }
        }
        return groups
    }
}
