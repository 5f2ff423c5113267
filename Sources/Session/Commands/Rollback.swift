internal import Cluster
internal import CommandLanguage
internal import JSON

/// `rollback`: what the transaction wrote will never count.
struct RollbackCommand: LabCommand {
    static let spec = CommandSpec(
        "rollback", .write, [],
        summary: "undo the open transaction",
        details: """
            Nothing is erased: the rows stay on their pages and the records in the log, and an \
            ABORT record says that they never counted. vacuum takes them away.
            """,
        example: "rollback", seeAlso: ["begin", "commit", "vacuum"], changesState: true,
        triedWords: ["abort", "revert"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let report = try context.ask(self) { () throws(LabFailure) in try context.lab.rollBack() }
        let writes = CountText.of(report.writeCount, "write")
        let bytes = Words.verb(report.writeCount, "its bytes", "their bytes")
        let what =
            report.writeCount == 0
            ? "there was nothing to undo"
            : "\(writes) undone; \(bytes) in the log count for nothing"
        let line = "rolled back on \(report.node): \(what)"
        return Reply(
            lines: [line] + context.events(),
            json: [["node": .string(report.node), "writes": .int(report.writeCount)]])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension RollbackCommand {
    init(_ arguments: BoundArguments) {}
}
