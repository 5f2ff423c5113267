internal import Cluster
internal import CommandLanguage
internal import JSON

/// `delete`: a commit like any other.
struct DeleteCommand: LabCommand {
    let node: NodeReference?
    let key: String

    static let spec = CommandSpec(
        "delete", .write, [.optionalNode, .key],
        summary: "remove a key",
        details: """
            A commit like any other: its record goes into the write-ahead log and travels to \
            the replicas. The old row stays on its page, marked with the transaction that \
            removed it.
            """,
        example: "delete pay:7", seeAlso: ["set", "get"], changesState: true,
        triedWords: ["del", "rm", "remove", "unset", "erase"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        let report = try context.ask(self) { () throws(LabFailure) in
            try context.lab.write(key, nil, on: before.name(node ?? .primary))
        }
        context.note(key: key)
        let members =
            [("key", .string(key))] + report.json + [("deleted", .bool(report.rowCount > 0))]
        return Reply(lines: lines(report, since: before, context), json: [.members(members)])
    }

    private func lines(
        _ report: WriteReport, since before: Standing, _ context: CommandContext
    ) -> [String] {
        if report.rowCount == 0 {
            return ["(no such key on \(report.node): nothing deleted)"] + context.events()
        }
        return report.isInTransaction
            ? context.uncommitted(report, othersSee: "everybody else still sees the row")
            : context.written(report, since: before)
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? {
        general.onWrite(failure, retyped: "delete \(Words.quoted(key, limit: .max))")
    }
}

extension DeleteCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        node = try arguments.optionalNode("NODE")
        key = try arguments.key("KEY")
    }
}
