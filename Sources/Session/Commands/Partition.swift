internal import Cluster
internal import CommandLanguage
internal import JSON

extension Session {
    /// `partition`: cuts a link; neither end is told.
    func partition(_ node: NodeReference, _ cut: LaterCut?) throws(Failure) -> Reply {
        let before = look()
        let replica = before.name(node)
        try ask(.partition(node: node, cut)) { () throws(LabFailure) in
            if let cut {
                try lab.partition(replica, WireWay(cut.way), after: cut.byteCount)
            } else {
                try lab.partition(replica)
            }
        }
        let upstream = before.upstream(of: replica)
        guard let cut, cut.byteCount > 0 else {
            let ways = cut.map { " for what \($0.way == .wal ? upstream : replica) sends" } ?? ""
            return Reply(
                lines: [
                    "the link between \(upstream) and \(replica) is cut\(ways); "
                        + "neither end is told"
                ] + consequences(since: before),
                json: [["replica": .string(replica), "link": "cut"]])
        }
        let sender = cut.way == .wal ? upstream : replica
        return Reply(
            lines: [
                "the link between \(upstream) and \(replica) will be cut behind the next "
                    + "\(CountText.of(cut.byteCount, "byte")) from \(sender)"
            ] + consequences(since: before),
            json: [
                [
                    "replica": .string(replica), "link": "to be cut", "from": .string(sender),
                    "bytes": .int(cut.byteCount),
                ]
            ])
    }
}

extension WireWay {
    fileprivate init(_ way: LaterCut.Way) {
        switch way {
        case .wal: self = .wal
        case .feedback: self = .feedback
        }
    }
}
