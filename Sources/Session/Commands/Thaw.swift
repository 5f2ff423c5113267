internal import Cluster
internal import CommandLanguage
internal import JSON

/// `thaw`: lets a frozen node's process run again.
struct ThawCommand: LabCommand {
    let node: NodeReference

    static let spec = CommandSpec(
        "thaw", .failure, [.node],
        summary: "let a frozen node run again",
        details: """
            The process goes on where it was stopped. It reads what has piled up in its sockets, \
            and then does what is due. It does not know that time has passed.
            """,
        example: "thaw r1", seeAlso: ["freeze", "status"], changesState: true,
        triedWords: ["sigcont", "unfreeze", "wake"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        let name = before.name(node)
        try context.ask(self) { () throws(LabFailure) in try context.lab.thaw(name) }
        return Reply(
            lines: ["\(name) runs again"] + context.consequences(since: before),
            json: [["node": .string(name), "state": "up"]])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension ThawCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        node = try arguments.node("NODE")
    }
}
