internal import Cluster
internal import CommandLanguage
internal import JSON

extension Session {
    /// `begin`: from here to commit or rollback, one transaction.
    func begin(_ node: NodeReference?) throws(Failure) -> Reply {
        let name = look().name(node ?? .primary)
        let report = try ask(.begin(node: node)) { () throws(LabFailure) in try lab.begin(on: name)
        }
        return Reply(
            lines: ["a transaction is open on \(report.node), until commit or rollback"]
                + events(),
            json: [["node": .string(report.node), "in_transaction": true]])
    }
}
