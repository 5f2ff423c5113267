internal import Cluster
internal import CommandLanguage
internal import JSON

extension Session {
    /// `delete`: a commit like any other.
    func delete(_ node: NodeReference?, key: String) throws(Failure) -> Reply {
        let before = look()
        let report = try ask(.delete(node: node, key: key)) { () throws(LabFailure) in
            try lab.write(key, nil, on: before.name(node ?? .primary))
        }
        keys.note(key)
        let members =
            [("key", .string(key))] + report.json + [("deleted", .bool(report.rowCount > 0))]
        return Reply(lines: deleted(report, since: before), json: [.members(members)])
    }

    private func deleted(_ report: WriteReport, since before: Standing) -> [String] {
        if report.rowCount == 0 {
            return ["(no such key on \(report.node): nothing deleted)"] + events()
        }
        return report.isInTransaction
            ? uncommitted(report, othersSee: "everybody else still sees the row")
            : written(report, since: before)
    }
}
