internal import Cluster
internal import CommandLanguage
internal import JSON

extension Session {
    /// `lag`: every meter side by side, what the primary believes and what is so.
    func lag() -> Reply {
        let table = LagTable(look())
        return Reply(lines: events() + table.lines, json: [["replicas": .array(table.json)]])
    }

    /// `lag REPLICA DELAY`: holds back the WAL on its way to a replica.
    func lagSet(_ node: NodeReference, _ delay: LabDuration) throws(Failure) -> Reply {
        let before = look()
        let replica = before.name(node)
        try ask(.lagSet(node: node, delay: delay)) { () throws(LabFailure) in
            try lab.setDelay(delay.duration, of: replica)
        }
        let upstream = before.upstream(of: replica)
        let sentence =
            delay == .zero
            ? "WAL from \(upstream) to \(replica) travels at once"
            : "WAL from \(upstream) to \(replica) now travels \(delay.duration.text)"
        return Reply(
            lines: [sentence] + consequences(since: before),
            json: [["replica": .string(replica), "delay_ms": delay.duration.jsonMilliseconds]])
    }
}

extension Standing {
    /// The node a replica follows; the primary, should it follow none.
    func upstream(of replica: String) -> String {
        switch snapshot[replica]?.role {
        case .standby(let upstream): upstream
        case .primary, nil: snapshot.primary
        }
    }
}
