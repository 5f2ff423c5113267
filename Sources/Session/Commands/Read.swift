internal import Cluster
internal import CommandLanguage
internal import JSON
internal import LabClock

/// `read`: a read that lasts; alone: those there are.
struct ReadCommand: LabCommand {
    /// Nil: those there are.
    let held: HeldReadWish?

    static let spec = CommandSpec(
        "read", .write,
        [
            .optionalNode, CommandParameter("KEY", .key, .optional), HeldReadWish.parameter,
        ],
        summary: "read a node for some time",
        details: """
            'read r1 hold=30s' opens a transaction of REPEATABLE READ on r1, on a connection of \
            its own, counts the rows (with a KEY: reads it), and goes on in the background for \
            30 s of lab time, in which it sees the table as it was. Then it looks again. While \
            it reads, rows that it may need cannot go: the replay of a vacuum waits for it, up \
            to max_standby_streaming_delay, and then cancels it.
            Alone it shows the reads there are.
            """,
        example: "read r1 hold=30s", seeAlso: ["get", "vacuum", "begin"], changesState: true,
        triedWords: ["query", "scan", "report"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        if let held { return try held.run(in: context, for: self) }
        let reads = context.lab.heldReads
        return Reply(
            lines: context.events()
                + (reads.isEmpty ? ["nobody reads for long"] : reads.map(\.line)),
            json: [["reads": .array(reads.map(\.json))]])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? {
        held?.advice(on: failure, general)
    }
}

extension ReadCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        held = try HeldReadWish(arguments)
        guard held == nil, let word = arguments["KEY"] ?? arguments["NODE"] else { return }
        throw Fault(
            .unfit("a read that does not last is a get", advice: "get, or read r1 hold=30s"),
            at: word)
    }
}
