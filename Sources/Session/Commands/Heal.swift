internal import Cluster
internal import CommandLanguage
internal import JSON

/// `heal`: takes the faults off one link, or off all.
struct HealCommand: LabCommand {
    let node: NodeReference?

    static let spec = CommandSpec(
        "heal", .network, [CommandParameter("REPLICA", .replica, .optional)],
        summary: "take the faults off a link, or off all",
        details: """
            Takes every fault off: delay, partition and what 'link' sets. What the link still \
            held travels on; a replica whose connection had timed out meanwhile connects again \
            at its next retry.
            """,
        example: "heal r1", seeAlso: ["reconnect", "partition", "lag"], changesState: true,
        triedWords: ["repair", "fix", "unpartition", "mend", "join", "unblock"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        let monitor = context.lab.monitorReport == nil ? [] : [MonitorText.name]
        let asked = node.map { [before.name($0)] } ?? before.followers.map(\.name) + monitor
        var healed: [String] = []
        for replica in asked {
            let had = try context.ask(self) { () throws(LabFailure) in
                try context.lab.heal(replica)
            }
            if had { healed.append(replica) }
        }
        let json: [JSONValue] = [["healed": .array(healed.map { .string($0) })]]
        guard !healed.isEmpty else {
            let names =
                asked.isEmpty ? "there is no link" : "nothing to heal: \(links(asked)) whole"
            return Reply(lines: [names] + context.events(), json: json)
        }
        return Reply(
            lines: ["\(links(healed)) whole again"] + context.consequences(since: before),
            json: json)
    }

    private func links(_ replicas: [String]) -> String {
        replicas.count == 1
            ? "the link to \(Words.list(replicas.map(MonitorText.named))) is"
            : "the links to \(Words.list(replicas.map(MonitorText.named))) are"
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension HealCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        guard arguments["REPLICA"] != nil else {
            node = nil
            return
        }
        node = try arguments.link("REPLICA", orOf: [MonitorText.name])
    }
}
