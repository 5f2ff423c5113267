internal import Cluster
internal import CommandLanguage
internal import JSON

/// `lag`: every meter side by side, what the primary believes and what is so. With a replica and a
/// delay: holds back the WAL on its way there.
struct LagCommand: LabCommand {
    /// What is asked for.
    enum Wish: Hashable {
        case meters
        case delay(of: NodeReference, LabDuration)
    }

    let wish: Wish

    static let spec = CommandSpec(
        "lag", .network,
        [
            CommandParameter("REPLICA", .replica, .paired(alone: "for the meters")),
            CommandParameter("DELAY", .duration, .paired(alone: "for the meters")),
        ],
        summary: "show every lag meter, or set a delay",
        details: """
            Alone it shows byte lag, commits behind and time lag of each replica: the one \
            metric you always watch. With a replica and a delay it holds back the WAL on its \
            way there; the replica's answers travel at once. Lag at the moment of a crash is \
            what is lost, the recovery point objective (RPO).
            Of a replica that is behind it names the bottleneck: what holds up the stage at which \
            most of it waits. The pace is a straight line through the last command that took time.
            With 'config heartbeat_interval 1s' there is one meter more, the age of the row \
            'heartbeat' as each replica has it. Its commits are commits like any other: they cost \
            WAL, they count as missing, as at risk and as lost, and they take their time to wait \
            through.
            """,
        example: "lag r1 800ms", seeAlso: ["status", "lost", "heal"], changesState: true,
        triedWords: ["delay", "latency", "rpo"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        switch wish {
        case .meters:
            let heartbeats = context.lab.readHeartbeats()
            let table = LagTable(context.look(), heartbeats)
            return Reply(
                lines: context.events() + table.lines, json: [["replicas": .array(table.json)]])
        case .delay(let node, let delay): return try set(delay, of: node, context)
        }
    }

    private func set(
        _ delay: LabDuration, of node: NodeReference, _ context: CommandContext
    ) throws(Failure) -> Reply {
        let before = context.look()
        let replica = before.name(node)
        try context.ask(self) { () throws(LabFailure) in
            try context.lab.setDelay(delay.duration, of: replica)
        }
        let upstream = before.upstream(of: replica)
        let sentence =
            delay == .zero
            ? "WAL from \(upstream) to \(replica) travels at once"
            : "WAL from \(upstream) to \(replica) now travels \(delay.duration.text)"
        return Reply(
            lines: [sentence] + context.consequences(since: before),
            json: [["replica": .string(replica), "delay_ms": delay.duration.jsonMilliseconds]])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? {
        guard case .isPrimary(let name) = failure, case .delay(_, let delay) = wish else {
            return nil
        }
        return general.hasNoLink(name, retyped: " \(delay.duration.text)")
    }
}

extension LagCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        guard arguments["REPLICA"] != nil else {
            wish = .meters
            return
        }
        wish = .delay(
            of: try arguments.node("REPLICA"), try arguments.duration("DELAY"))
    }
}
