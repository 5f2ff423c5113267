internal import Cluster
internal import CommandLanguage
internal import JSON
internal import WALFormat

/// `get`: the value as one node has it. That there is none is an answer, not a failure.
struct GetCommand: LabCommand {
    let node: NodeReference?
    let key: String

    static let spec = CommandSpec(
        "get", .write, [.optionalNode, .key],
        summary: "read a key, also from a replica",
        details: """
            Reads from the primary unless a node is named, before the key or after it. A \
            replica answers with what its replay loop has applied so far: a write just \
            confirmed may be missing there. The chapter calls the hazard read-your-own-writes.
            """,
        example: "get r1 pay:7", seeAlso: ["set", "lag"], changesState: false,
        triedWords: ["select", "fetch", "query", "cat"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        let report = try context.ask(self) { () throws(LabFailure) in
            try context.lab.read(key, on: before.name(node ?? .primary))
        }
        context.note(key: key)
        let line =
            report.value?.escapedForDisplay
            ?? "(no such key on \(report.node) at \(report.lsn))"
        return Reply(
            lines: [line] + context.events(),
            json: [
                [
                    "key": .string(key), "value": .optional(report.value),
                    "node": .string(report.node), "lsn": .string(report.lsn.description),
                ]
            ])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? {
        if case .isDown(let name, let state) = failure {
            let other = general.readable.map { "get \($0) \(Words.quoted(key, limit: .max))" }
            return general.isDown(name, state, advice: other)
        }
        if case .isPostgres(let name) = failure {
            return Failure(
                "\(name) is a PostgreSQL of its own, and answers psql",
                advice: "psql at the port that 'connect' shows: select value from kv where key = "
                    + "'\(key.escapedForDisplay)'")
        }
        return nil
    }
}

extension GetCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        node = try arguments.optionalNode("NODE")
        key = try arguments.key("KEY")
    }
}
