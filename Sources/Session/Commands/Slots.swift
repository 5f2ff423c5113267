internal import Cluster
internal import CommandLanguage
internal import JSON

extension Session {
    /// `slots`: the replication slots, and what WAL each node keeps, for whom, and how long.
    func slots() -> Reply {
        let table = SlotsTable(lab.retention(), in: look().snapshot)
        return Reply(lines: events() + table.lines, json: [["nodes": .array(table.json)]])
    }
}
