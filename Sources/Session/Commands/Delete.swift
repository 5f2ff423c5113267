internal import Cluster
internal import CommandLanguage

extension Session {
    /// `delete`: a commit like any other.
    func delete(_ node: NodeReference?, key: String) throws(Failure) -> Reply {
        let before = look()
        let report = try ask(.delete(node: node, key: key)) { () throws(LabFailure) in
            try lab.write(key, nil, on: before.name(node ?? .primary))
        }
        keys.note(key)
        let absent =
            report.rowCount == 0
            ? ["(no such key on \(report.node): nothing deleted)"] : []
        let members =
            [("key", .string(key))] + report.json + [("deleted", .bool(report.rowCount > 0))]
        return Reply(
            lines: absent + (report.rowCount == 0 ? events() : written(report, since: before)),
            json: [.members(members)])
    }
}
