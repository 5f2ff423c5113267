internal import Cluster
internal import CommandLanguage
internal import JSON
internal import SQLServer

/// `begin`: from here to commit or rollback, one transaction.
struct BeginCommand: LabCommand {
    let node: NodeReference?
    var isolation = SQLIsolation.readCommitted

    /// The levels as a word.
    private static let levels: [String: SQLIsolation] = [
        "read-committed": .readCommitted, "repeatable-read": .repeatableRead,
    ]

    static let spec = CommandSpec(
        "begin", .write,
        [
            .optionalNode,
            CommandParameter(
                "LEVEL", .choice,
                .option("isolation", choices: ["read-committed", "repeatable-read"])),
        ],
        summary: "open a transaction",
        details: """
            Until commit or rollback, set, get and delete on that node belong to one \
            transaction. Its records go into the log and to the replicas at once, but no one \
            else sees a row of it before its COMMIT record says so: a crash before that leaves \
            them invisible for good, on every node. With isolation=repeatable-read, which a \
            replica takes too, get shows what was there at the first get.
            """,
        example: "begin", seeAlso: ["commit", "rollback", "page"], changesState: true,
        triedWords: ["transaction", "tx", "txn"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let name = context.look().name(node ?? .primary)
        let report = try context.ask(self) { () throws(LabFailure) in
            try context.lab.begin(on: name, isolation)
        }
        return Reply(
            lines: ["a transaction is open on \(report.node), until commit or rollback"]
                + context.events(),
            json: [["node": .string(report.node), "in_transaction": true]])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? {
        general.onWrite(failure)
    }
}

extension BeginCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        node = try arguments.optionalNode("NODE")
        if let word = arguments["LEVEL"] {
            isolation = Self.levels[word.text] ?? .readCommitted
        }
    }
}
