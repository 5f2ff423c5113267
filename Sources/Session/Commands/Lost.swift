internal import Cluster
internal import CommandLanguage
internal import JSON

extension Session {
    /// `lost`: the loss ledger, made anew.
    func lost() throws(Failure) -> Reply {
        let report = try ask(.lost) { () throws(LabFailure) in try lab.lost() }
        let table = LossTable(report, hasSharedCommits: memory.hasSharedCommits)
        return Reply(lines: events() + table.lines, json: [.members(table.members)])
    }
}
