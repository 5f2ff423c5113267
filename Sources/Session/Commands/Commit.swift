internal import Cluster
internal import CommandLanguage
internal import JSON
internal import WALFormat

extension Session {
    /// `commit`: one COMMIT record, one fsync, one OK for all writes of the transaction.
    func commit() throws(Failure) -> Reply {
        let before = look()
        let acknowledged = lab.acknowledgedCount
        let report = try ask(.commit) { () throws(LabFailure) in try lab.commit() }
        guard report.isCommitted else {
            throw Failure(
                "the transaction on \(report.node) had failed, so commit undid it",
                advice: "begin, then its writes again")
        }
        memory.committed(writeCount: lab.acknowledgedCount - acknowledged)
        return Reply(lines: lines(report, since: before), json: [report.json])
    }

    private func lines(_ report: TransactionReport, since before: Standing) -> [String] {
        guard let lsn = report.lsn else {
            return ["OK (the transaction on \(report.node) wrote nothing)"] + events()
        }
        let writes = CountText.of(report.writeCount, "write")
        return committed(lsn, on: report.node, since: before, remark: ", \(writes) in it")
    }
}

extension TransactionReport {
    fileprivate var json: JSONValue {
        [
            "node": .string(node), "lsn": .optional(lsn?.description), "acked_at": at.json,
            "writes": .int(writeCount),
        ]
    }
}
