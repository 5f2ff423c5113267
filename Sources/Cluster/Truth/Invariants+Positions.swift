import DatabaseNode
import WALFormat

/// A replica replays what is durable, syncs what it wrote, and writes what it received.
struct PositionsInOrder: Invariant {
    let name = "positions in order"
    let sentence =
        "On a replica replay <= flush <= write <= received; on a primary flush <= insert."

    func judge(_ now: TruthMoment, after before: TruthMoment?) -> Judgement {
        var judgement = Judgement(Judgement.count(now.running.count, "running node") + " looked at")
        for node in now.running {
            guard let at = node.positions else { continue }
            let order: [(String, LSN)] =
                node.isStandby
                ? [
                    ("replay", at.replay), ("flush", at.flush), ("write", at.write),
                    ("received", at.insert),
                ] : [("flush", at.flush), ("insert", at.insert)]
            for (low, high) in zip(order, order.dropFirst()) where low.1 > high.1 {
                judgement.found(
                    node.name,
                    evidence: "\(low.0) \(low.1) of \(node.name) is past \(high.0) \(high.1)")
            }
        }
        return judgement
    }
}

/// What streams comes from somewhere.
struct BehindUpstream: Invariant {
    let name = "behind its upstream"
    let sentence =
        "No replica that streams is past the flush of its upstream, or in another history."

    func judge(_ now: TruthMoment, after before: TruthMoment?) -> Judgement {
        var judgement = Judgement("no replica streams")
        var said: [String] = []
        for (upstream, node) in now.streams {
            guard let own = node.has?.log, let theirs = upstream.has?.log,
                let received = node.positions?.insert
            else { continue }
            said.append("\(node.name) \(own.end) <= \(upstream.name) \(theirs.end)")
            if max(own.end, received) > theirs.end {
                judgement.found(
                    upstream.name, node.name,
                    evidence: "\(node.name) has \(max(own.end, received)), and its upstream "
                        + "\(upstream.name) ends at \(theirs.end)")
            } else if !own.isBeginning(of: theirs) {
                judgement.found(
                    upstream.name, node.name,
                    evidence: "\(node.name) streams from \(upstream.name), and their logs part at "
                        + "\(own.sharedEnd(with: theirs))")
            }
        }
        if !said.isEmpty { judgement.evidence = said.joined(separator: ", ") }
        return judgement
    }
}

/// A commit waits for a replica's word, and a slot lets WAL go at it.
struct ReportsAreTrue: Invariant {
    let name = "reports are true"
    let sentence = "What an upstream believes that a replica has, the replica has."

    func judge(_ now: TruthMoment, after before: TruthMoment?) -> Judgement {
        let streams = now.streams
        var judgement = Judgement(Judgement.count(streams.count, "stream") + " looked at")
        for (upstream, node) in streams {
            let senders = upstream.senders.filter { $0.name == node.name }
            // A stream that is gone may linger until its timeout, with an older word.
            guard senders.count == 1, let at = node.positions else { continue }
            let pairs = [
                ("write", senders[0].write, at.write), ("flush", senders[0].flush, at.flush),
                ("replay", senders[0].replay, at.replay),
            ]
            for (what, believed, real) in pairs {
                guard let believed, believed > real else { continue }
                judgement.found(
                    upstream.name, node.name,
                    evidence: "\(upstream.name) believes that \(what) of \(node.name) is "
                        + "\(believed); it is \(real)")
            }
        }
        return judgement
    }
}

/// A process that runs forgets nothing. A promotion alone may leave the piece of a record behind
/// that the old log ended with: the new timeline begins where the last whole record ends.
struct NothingGoesBack: Invariant {
    let name = "nothing goes back"
    let sentence = "While a node runs, its timeline, flush, replay and commits never go back."

    func judge(_ now: TruthMoment, after before: TruthMoment?) -> Judgement {
        var judgement = Judgement("no node that kept running has less than it had")
        guard let before else { return judgement }
        for node in now.running where now.starts[node.name] == before.starts[node.name] {
            guard let new = node.positions, let old = before.snapshot[node.name]?.positions else {
                continue
            }
            // What a promotion keeps is whole records; those that were replayed are.
            let kept = new.timeline > old.timeline ? min(old.replay, old.flush) : old.flush
            let steps = [
                ("timeline", new.timeline < old.timeline), ("flush", new.flush < kept),
                ("replay", new.replay < old.replay), ("commits", new.commits < old.commits),
            ]
            for (what, wentBack) in steps where wentBack {
                judgement.found(
                    node.name,
                    evidence: "\(what) of \(node.name) went back from "
                        + "\(old.text(of: what)) to \(new.text(of: what))")
            }
        }
        return judgement
    }
}

extension NodePositions {
    fileprivate func text(of what: String) -> String {
        switch what {
        case "timeline": "\(timeline)"
        case "flush": "\(flush)"
        case "replay": "\(replay)"
        default: "\(commits)"
        }
    }
}

extension TruthMoment {
    /// The streams that both ends know of: upstream and replica.
    var streams: [(upstream: LabSnapshot.Node, replica: LabSnapshot.Node)] {
        running.compactMap { node in
            guard case .standby(let name) = node.role, node.reception == .streaming,
                let upstream = snapshot[name], upstream.isRunning,
                upstream.senders.contains(where: { $0.name == node.name && $0.sent != nil })
            else { return nil }
            return (upstream, node)
        }
    }
}
