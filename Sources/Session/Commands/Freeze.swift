internal import Cluster
internal import CommandLanguage
internal import JSON

/// `freeze`: stops a node's process where it stands.
struct FreezeCommand: LabCommand {
    let node: NodeReference

    static let spec = CommandSpec(
        "freeze", .failure, [.node],
        summary: "stop a node's process where it stands",
        details: """
            The process does nothing any more, as after SIGSTOP or in a long pause of its \
            machine: it sends nothing, answers nobody, and its timers find nobody. Its kernel goes \
            on: connections are taken, and bytes pile up in the sockets, acknowledged and unread. \
            The others notice by their time-outs alone. A frozen primary that is thawed believes \
            that it is the primary still.
            """,
        example: "freeze r1", seeAlso: ["thaw", "crash", "partition"], changesState: true,
        triedWords: ["sigstop", "suspend", "hang"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        let name = before.name(node)
        try context.ask(self) { () throws(LabFailure) in try context.lab.freeze(name) }
        let notices = Notices(context.lab)
        var lines = ["\(name) is frozen: nobody is told, and its kernel still takes bytes"]
        let followers = before.followers.filter { $0.role.upstream == name && $0.isRunning }
            .map(\.name)
        if !followers.isEmpty {
            let verb = Words.verb(followers.count, "hears nothing: it", "hear nothing: each")
            lines.append("\(Words.list(followers)) \(verb) \(notices.receiver)")
        }
        if let upstream = before.snapshot[name]?.role.upstream {
            lines.append("\(upstream) hears nothing: it \(notices.sender)")
        }
        return Reply(
            lines: lines + context.consequences(since: before),
            json: [["node": .string(name), "state": "frozen"]])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? {
        guard case .isFrozen(let name) = failure else { return nil }
        return Failure("\(name) is frozen already", advice: "thaw \(name)")
    }
}

extension FreezeCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        node = try arguments.node("NODE")
    }
}
