internal import Cluster
internal import CommandLanguage
internal import JSON

/// `detach`: the PostgreSQL member is shut down and gone.
struct DetachCommand: LabCommand {
    /// Nil: the one there is.
    let name: String?

    static let spec = CommandSpec(
        "detach", .replicas, [CommandParameter("NAME", .free, .optional)],
        summary: "stop the real PostgreSQL and let it go",
        details: """
            Shuts the PostgreSQL down that 'attach' has started, and removes its files. \
            Leaving the lab does the same.
            """,
        example: "detach pg", seeAlso: ["attach"], changesState: true)

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        if let name, let own = context.lab.postgresName, own != name {
            throw Failure("\(Words.quoted(name)) is no PostgreSQL", advice: "detach \(own)")
        }
        try context.ask(self) { () throws(LabFailure) in try context.lab.detach() }
        let node = context.lab.postgresName ?? ""
        return Reply(
            lines: ["\(node) was shut down, and is no part of the lab any more"]
                + context.consequences(since: before),
            json: [["node": .string(node)]])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension DetachCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        name = try arguments.optionalText("NAME")
    }
}
