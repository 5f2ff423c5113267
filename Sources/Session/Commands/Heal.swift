internal import Cluster
internal import CommandLanguage
internal import JSON

extension Session {
    /// `heal`: takes the faults off one link, or off all.
    func heal(_ node: NodeReference?) throws(Failure) -> Reply {
        let before = look()
        let asked = node.map { [before.name($0)] } ?? before.followersShown.map(\.name)
        var healed: [String] = []
        for replica in asked {
            let had = try ask(.heal(node: node)) { () throws(LabFailure) in try lab.heal(replica) }
            if had { healed.append(replica) }
        }
        let json: [JSONValue] = [["healed": .array(healed.map { .string($0) })]]
        guard !healed.isEmpty else {
            let names =
                asked.isEmpty ? "there is no link" : "nothing to heal: \(links(asked)) whole"
            return Reply(lines: [names] + events(), json: json)
        }
        return Reply(
            lines: ["\(links(healed)) whole again"] + consequences(since: before), json: json)
    }

    private func links(_ replicas: [String]) -> String {
        replicas.count == 1
            ? "the link to \(Words.list(replicas)) is"
            : "the links to \(Words.list(replicas)) are"
    }
}
