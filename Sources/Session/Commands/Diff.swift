internal import Cluster
internal import CommandLanguage
internal import JSON
internal import Storage

extension Session {
    /// `diff`: two nodes' directories at the last LSN that both have.
    func diff(_ first: NodeReference, _ second: NodeReference) throws(Failure) -> Reply {
        let now = look()
        let names = [now.name(first), now.name(second)]
        guard names[0] != names[1] else {
            let other = now.snapshot.nodes.first { $0.name != names[0] }?.name
            throw Failure(
                "\(names[0]) cannot be compared with itself",
                advice: other.map { "diff \(names[0]) \($0)" } ?? "status")
        }
        let comparison = try ask(.diff(first, second)) { () throws(LabFailure) in
            try lab.diff(names[0], names[1])
        }
        let text = ComparisonText(comparison, names[0], names[1])
        return Reply(lines: events() + text.lines, json: [text.json])
    }
}
