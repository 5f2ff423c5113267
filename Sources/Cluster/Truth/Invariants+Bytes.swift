import DatabaseNode
import WALFormat

/// Log shipping in one sentence: what two nodes have of one history is the same, byte by byte.
struct EqualLogs: Invariant {
    let name = "equal logs"
    let sentence = "Two nodes' logs are the same bytes as far as they share one history."

    func judge(_ now: TruthMoment, after before: TruthMoment?) -> Judgement {
        var judgement = Judgement(now.comparisons.isEmpty ? "nothing to compare" : "")
        var said: [String] = []
        for pair in now.comparisons {
            switch pair.outcome {
            case .equal, .tablesDiffer:
                said.append("\(pair.first) and \(pair.second): \(pair.walByteCount) bytes")
            case .unknown(let reason):
                said.append("\(pair.first) and \(pair.second): not compared, \(reason)")
            case .logsDiffer(let what):
                judgement.found(
                    pair.first, pair.second,
                    evidence: "\(pair.first) and \(pair.second) differ in \(what)")
            }
        }
        if !said.isEmpty { judgement.evidence = said.joined(separator: ", ") }
        return judgement
    }
}

/// The same log makes the same table.
struct EqualTables: Invariant {
    let name = "equal tables"
    let sentence = "Two nodes that replayed one history to one position have the same table."

    func judge(_ now: TruthMoment, after before: TruthMoment?) -> Judgement {
        var judgement = Judgement("no two running nodes are at one position")
        let nodes = now.running.filter { $0.positions != nil }
        var said: [String] = []
        for (index, first) in nodes.enumerated() {
            for second in nodes[(index + 1)...] where areAtOnePlace(first, second) {
                let counts = [first, second].compactMap(\.positions?.commits)
                said.append(
                    "\(first.name) and \(second.name): " + Judgement.count(counts[0], "commit"))
                guard counts[0] != counts[1] else { continue }
                judgement.found(
                    first.name, second.name,
                    evidence: "\(first.name) has \(counts[0]) commits, \(second.name) \(counts[1])")
            }
        }
        if !said.isEmpty { judgement.evidence = said.joined(separator: ", ") }
        for pair in now.comparisons {
            guard case .tablesDiffer(let what) = pair.outcome else { continue }
            judgement.found(
                pair.first, pair.second,
                evidence: "\(pair.first) and \(pair.second) differ in \(what)")
        }
        return judgement
    }

    /// Whether both have replayed the same bytes, and no more.
    private func areAtOnePlace(_ first: LabSnapshot.Node, _ second: LabSnapshot.Node) -> Bool {
        guard let own = first.has?.log, let other = second.has?.log,
            let replay = first.positions?.replay, replay == second.positions?.replay
        else { return false }
        return replay <= own.sharedEnd(with: other)
    }
}
