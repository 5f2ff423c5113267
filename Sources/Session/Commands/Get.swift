internal import Cluster
internal import CommandLanguage
internal import JSON
internal import WALFormat

extension Session {
    /// `get`: the value as one node has it. That there is none is an answer, not a failure.
    func get(_ node: NodeReference?, key: String) throws(Failure) -> Reply {
        let before = look()
        let report = try ask(.get(node: node, key: key)) { () throws(LabFailure) in
            try lab.read(key, on: before.name(node ?? .primary))
        }
        keys.note(key)
        let line =
            report.value?.escapedForDisplay
            ?? "(no such key on \(report.node) at \(report.lsn))"
        return Reply(
            lines: [line] + events(),
            json: [
                [
                    "key": .string(key), "value": .optional(report.value),
                    "node": .string(report.node), "lsn": .string(report.lsn.description),
                ]
            ])
    }
}
