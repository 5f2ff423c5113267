internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import JSON
internal import WALFormat

// What is said of a write, by every command that makes one.
extension CommandContext {
    /// The OK of a write, then whatever is not as a learner would expect: a replica without the
    /// record, an event on the way.
    func written(_ report: WriteReport, since before: Standing) -> [String] {
        guard let lsn = report.lsn else { return ["OK (nothing was there to change)"] + events() }
        return committed(lsn, on: report.node, since: before)
    }

    /// The OK of a commit; `remark` says what is special about it.
    func committed(
        _ lsn: LSN, on node: String, since before: Standing, remark: String = ""
    ) -> [String] {
        let now = look()
        let reach = RecordReach(of: lsn, on: node, in: now)
        let ok = "OK lsn=\(lsn) (\(node) fsynced; \(reach.text))\(remark)"
        if reach.isEverywhere, now.otherPrimaries.isEmpty { return [ok] + events(in: now) }
        return [ok] + consequences(since: before)
    }

    /// A write inside a transaction: where its bytes are, and who sees what.
    func uncommitted(_ report: WriteReport, othersSee what: String) -> [String] {
        let now = look()
        let end = now.snapshot[report.node]?.positions?.insert ?? .invalid
        let reach = RecordReach(of: end, on: report.node, in: now)
        let clauses = reach.bytesText.map { [$0, what] } ?? [what]
        return [
            "in the transaction on \(report.node): not committed yet",
            clauses.joined(separator: "; "),
        ] + events(in: now)
    }
}

extension WriteReport {
    /// The members that every write's answer has. A write inside a transaction is not acknowledged
    /// before the commit is.
    var json: [(String, JSONValue)] {
        isInTransaction
            ? [("lsn", .null), ("acked_at", .null), ("in_transaction", .bool(true))]
            : [("lsn", .optional(lsn?.description)), ("acked_at", acknowledgedAt.json)]
    }
}
