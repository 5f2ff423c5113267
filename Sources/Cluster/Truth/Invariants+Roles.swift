import DatabaseNode
import Network
import WALFormat

/// Two nodes that both write one timeline write different logs under one name.
struct OnePrimaryATimeline: Invariant {
    let name = "one primary a timeline"
    let sentence = "At most one running primary writes a timeline."

    func judge(_ now: TruthMoment, after before: TruthMoment?) -> Judgement {
        var writers: [Timeline: String] = [:]
        var places: [String] = []
        var judgement = Judgement("no primary runs")
        for node in now.running where !node.isStandby {
            guard let timeline = node.positions?.timeline else { continue }
            places.append("\(node.name) writes timeline \(timeline)")
            guard let other = writers.updateValue(node.name, forKey: timeline) else { continue }
            judgement.found(
                other, node.name,
                evidence: "\(other) and \(node.name) both write timeline \(timeline)")
        }
        if !places.isEmpty { judgement.evidence = places.joined(separator: ", ") }
        return judgement
    }
}

/// Replicas that follow each other in a circle wait for each other for ever.
struct NoCircle: Invariant {
    let name = "no circle"
    let sentence = "Who follows upstream after upstream comes to a primary."

    func judge(_ now: TruthMoment, after before: TruthMoment?) -> Judgement {
        let chains = now.snapshot.nodes.filter(\.isStandby).map { chain(of: $0, in: now.snapshot) }
        var judgement = Judgement("no replica")
        if !chains.isEmpty {
            judgement.evidence = chains.map { $0.joined(separator: " <- ") }.joined(separator: ", ")
        }
        for chain in chains where chain.dropLast().contains(chain[chain.count - 1]) {
            judgement.faults.append(
                .init(nodes: chain, evidence: chain.joined(separator: " follows ")))
        }
        return judgement
    }

    /// The replica's upstream, that one's, and on; up to a node that is there already.
    private func chain(of node: LabSnapshot.Node, in snapshot: LabSnapshot) -> [String] {
        var chain = [node.name]
        while case .standby(let upstream)? = snapshot[chain[chain.count - 1]]?.role {
            let isCircle = chain.contains(upstream)
            chain.append(upstream)
            if isCircle { break }
        }
        return chain
    }
}

/// A wire holds what was sent and has not arrived, and no less than nothing.
struct WiresAreSane: Invariant {
    let name = "wires are sane"
    let sentence = "No wire has handed over more bytes than were put into it."

    func judge(_ now: TruthMoment, after before: TruthMoment?) -> Judgement {
        let count = now.snapshot.nodes.count { $0.link != nil }
        var judgement = Judgement(Judgement.count(count, "wire") + " looked at")
        for node in now.snapshot.nodes {
            guard let link = node.link else { continue }
            let counts =
                (now.heldByteCounts[node.name] ?? [])
                + WireWay.allCases.compactMap { link[$0].faults.cutAfter }
            if let wrong = counts.first(where: { $0 < 0 }) {
                judgement.found(
                    node.name, evidence: "the wire of \(node.name) holds \(wrong) bytes")
            }
            if link.delay < .zero {
                judgement.found(node.name, evidence: "WAL reaches \(node.name) before it is sent")
            }
        }
        return judgement
    }
}
