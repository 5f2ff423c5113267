internal import Cluster
internal import CommandLanguage
internal import JSON

/// `set`: one write, one commit, and where its record is when the client has its OK.
struct SetCommand: LabCommand {
    let node: NodeReference?
    let key: String
    let value: String

    static let spec = CommandSpec(
        "set", .write, [.optionalNode, .key, CommandParameter("VALUE", .free)],
        summary: "write a key and wait for the OK",
        details: """
            The client sends COMMIT; the primary writes the commit record to its write-ahead \
            log, calls fsync, and answers COMMIT OK. That is step 3 of the chapter's seven. \
            Sending the record to the replicas comes after the OK, and nobody waits for it.
            """,
        example: "set pay:7 100", seeAlso: ["get", "load", "lost"], changesState: true,
        triedWords: ["put", "insert", "update", "write", "upsert"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        let report = try context.ask(self) { () throws(LabFailure) in
            try context.lab.write(key, value, on: before.name(node ?? .primary))
        }
        context.note(key: key)
        return Reply(
            lines: report.isInTransaction
                ? context.uncommitted(report, othersSee: "nobody else sees the row")
                : context.written(report, since: before),
            json: [.members([("key", .string(key))] + report.json)])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? {
        general.onWrite(
            failure,
            retyped: "set \(Words.quoted(key, limit: .max)) \(Words.quoted(value, limit: .max))")
    }
}

extension SetCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        node = try arguments.optionalNode("NODE")
        key = try arguments.key("KEY")
        value = try arguments.text("VALUE")
    }
}
