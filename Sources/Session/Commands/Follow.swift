internal import Cluster
internal import CommandLanguage
internal import JSON
internal import WALFormat

extension Session {
    /// `follow`: a replica streams from another node from now on.
    func follow(_ node: NodeReference, _ upstream: NodeReference) throws(Failure) -> Reply {
        let before = look()
        let replica = before.name(node)
        let report = try ask(.follow(node, upstream: upstream)) { () throws(LabFailure) in
            try lab.follow(replica, before.name(upstream))
        }
        if let refusal = look().refusal(of: replica) {
            skipEvents { $0.node == replica }
            throw Failure(
                "\(replica) cannot follow \(report.upstream): it \(refusal.text)",
                advice: "follow \(replica) \(report.oldUpstream)")
        }
        let rest = consequences(since: before) { $0.isAboutReceiving(on: replica) }
        return Reply(lines: [report.sentence] + rest, json: [report.json])
    }
}

extension FollowReport {
    fileprivate var sentence: String {
        switch fate {
        case .follows(let lsn): "\(replica) streams from \(upstream) now, from \(lsn)"
        case .refused: "\(replica) cannot follow \(upstream) yet: it was refused"
        case .cannotFollow, .notYet:
            "\(replica) will follow \(upstream) when it can reach it"
        case .isDown: "\(replica) is down"
        }
    }

    fileprivate var json: JSONValue {
        [
            "replica": .string(replica), "upstream": .string(upstream),
            "old_upstream": .string(oldUpstream), "fate": .string(fate.word),
            "lsn": .optional(fate.position?.description),
        ]
    }
}
