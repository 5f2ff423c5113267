internal import Cluster
internal import CommandLanguage
internal import JSON

/// `status`: every node, the trouble between them, and what the primary's death would cost.
struct StatusCommand: LabCommand {
    static let spec = CommandSpec(
        "status", .look, [],
        summary: "show every node's role and positions",
        details: """
            One row a node: role, state, timeline, and its positions in the write-ahead log \
            under PostgreSQL's names (insert, flush, write, replay), then what would \
            be lost if the primary died now.
            """,
        example: "status", seeAlso: ["lag", "wal", "lost"], changesState: false,
        triedWords: ["ls", "ps", "nodes", "show", "info", "state", "cluster", "list"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let now = context.look()
        let snapshot = now.snapshot
        return Reply(
            lines: [snapshot.time.text] + context.events() + StatusTable(snapshot).lines
                + transaction(now) + snapshot.nodes.compactMap(\.readersLine)
                + now.troubleLines + now.lagLines + now.warnings
                + [now.riskLine],
            json: [
                [
                    "time": snapshot.time.json, "nodes": .array(snapshot.members.map(\.json)),
                    "primary": .string(snapshot.primary),
                    "in_transaction": .optional(now.transaction), "at_risk": now.riskJSON,
                ]
            ])
    }

    private func transaction(_ now: Standing) -> [String] {
        now.transaction.map { ["a transaction is open on \($0)"] } ?? []
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension StatusCommand {
    init(_ arguments: BoundArguments) {}
}
