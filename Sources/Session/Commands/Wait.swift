internal import Cluster
internal import CommandLanguage
internal import JSON

/// `wait`: lets lab time pass.
struct WaitCommand: LabCommand {
    let duration: LabDuration

    static let spec = CommandSpec(
        "wait", .session, [CommandParameter("D", .duration)],
        summary: "let lab time pass",
        details: """
            Lab time stands still between commands, so there is always time to look inside a \
            lag window. 'wait 800ms' moves it on by exactly that much; what falls due on the \
            way happens in order. It takes no real time worth mentioning.
            """,
        example: "wait 800ms", seeAlso: ["lag", "load"], changesState: true,
        triedWords: ["sleep", "run", "tick", "advance", "continue"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        try context.checkHeartbeats(within: duration.duration)
        let before = context.look()
        try context.ask(self) { () throws(LabFailure) in
            guard context.lab.wait(duration.duration) else { throw LabFailure.interrupted }
        }
        let happened = context.events()
        let time = context.lab.snapshot().time
        return Reply(
            lines: happened + ["it is \(time.text) now, \(duration.duration.text) later"]
                + context.consequences(since: before),
            json: [["time": time.json]])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension WaitCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        duration = try arguments.duration("D")
    }
}
