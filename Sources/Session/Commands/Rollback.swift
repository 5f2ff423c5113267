internal import Cluster
internal import CommandLanguage
internal import JSON

extension Session {
    /// `rollback`: what the transaction wrote will never count.
    func rollback() throws(Failure) -> Reply {
        let report = try ask(.rollback) { () throws(LabFailure) in try lab.rollBack() }
        let writes = CountText.of(report.writeCount, "write")
        let bytes = Words.verb(report.writeCount, "its bytes", "their bytes")
        let what =
            report.writeCount == 0
            ? "there was nothing to undo"
            : "\(writes) undone; \(bytes) in the log count for nothing"
        let line = "rolled back on \(report.node): \(what)"
        return Reply(
            lines: [line] + events(),
            json: [["node": .string(report.node), "writes": .int(report.writeCount)]])
    }
}
