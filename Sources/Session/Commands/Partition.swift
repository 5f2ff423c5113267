internal import Cluster
internal import CommandLanguage

extension Session {
    /// `partition`: cuts a link; neither end is told.
    func partition(_ node: NodeReference) throws(Failure) -> Reply {
        let before = look()
        let replica = before.name(node)
        try ask(.partition(node: node)) { () throws(LabFailure) in try lab.partition(replica) }
        return Reply(
            lines: [
                "the link between \(before.upstream(of: replica)) and \(replica) is cut; "
                    + "neither end is told"
            ] + consequences(since: before),
            json: [["replica": .string(replica), "link": "cut"]])
    }
}
