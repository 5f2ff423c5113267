internal import Cluster
internal import CommandLanguage
internal import JSON
internal import WALFormat

/// `commit`: one COMMIT record, one fsync, one OK for all writes of the transaction.
struct CommitCommand: LabCommand {
    static let spec = CommandSpec(
        "commit", .write, [],
        summary: "commit the open transaction",
        details: """
            One COMMIT record makes all writes of the transaction count at once, and one fsync \
            makes it durable; then the client hears OK. All of its writes have that record's \
            LSN, so they survive together or are lost together.
            """,
        example: "commit", seeAlso: ["begin", "rollback", "lost"], changesState: true,
        triedWords: ["end", "done"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        let report = try context.ask(self) { () throws(LabFailure) in try context.lab.commit() }
        guard report.isCommitted else {
            throw Failure(
                "the transaction on \(report.node) had failed, so commit undid it",
                advice: "begin, then its writes again")
        }
        return Reply(lines: lines(report, since: before, context), json: [report.json])
    }

    private func lines(
        _ report: TransactionReport, since before: Standing, _ context: CommandContext
    ) -> [String] {
        guard let lsn = report.lsn else {
            return ["OK (the transaction on \(report.node) wrote nothing)"] + context.events()
        }
        let writes = CountText.of(report.writeCount, "write")
        return context.committed(
            lsn, on: report.node, since: before, remark: ", \(writes) in it")
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension CommitCommand {
    init(_ arguments: BoundArguments) {}
}

extension TransactionReport {
    fileprivate var json: JSONValue {
        [
            "node": .string(node), "lsn": .optional(lsn?.description), "acked_at": at.json,
            "writes": .int(writeCount),
        ]
    }
}
