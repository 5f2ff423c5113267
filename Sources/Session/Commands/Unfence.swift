internal import Cluster
internal import CommandLanguage
internal import JSON

/// `unfence`: a fenced node may have power, or take writes, again.
struct UnfenceCommand: LabCommand {
    let node: NodeReference

    static let spec = CommandSpec(
        "unfence", .failover, [.node],
        summary: "let a fenced node go again",
        details: """
            A node that was fenced by power has power again, and stays down until 'restart'. One \
            that was fenced by a command or a lease must answer, and then takes writes at once: \
            if somebody else is the primary by now, that is a split brain.
            """,
        example: "unfence p", seeAlso: ["fence", "restart", "status"], changesState: true,
        triedWords: ["poweron", "release"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        let name = before.name(node)
        let was = try context.ask(self) { () throws(LabFailure) in
            try context.lab.unfence(name)
        }
        let line =
            switch was {
            case .power: "\(name) has power again, and is down: restart \(name) starts it"
            case .command: "\(name) takes writes again"
            case .leased, .leaseEnded: "\(name) needs no lease any more, and takes writes"
            }
        return Reply(
            lines: [line] + context.consequences(since: before),
            json: [["node": .string(name), "was": was.json]])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension UnfenceCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        node = try arguments.node("NODE")
    }
}
