internal import Cluster
internal import CommandLanguage
internal import JSON
internal import Storage

/// `diff`: two nodes' directories at the last LSN that both have.
struct DiffCommand: LabCommand {
    let first: NodeReference
    let second: NodeReference

    static let spec = CommandSpec(
        "diff", .look,
        [.node, CommandParameter("OTHER", .node)],
        summary: "compare two nodes byte by byte",
        details: """
            After the same LSN two nodes have the same bytes: the table's pages, the \
            transactions' ends in pg_xact, the log up to there. diff compares them at the last \
            LSN that both have, and names the first byte that differs.
            """,
        example: "diff p r1", seeAlso: ["page", "wal", "lag"], changesState: false,
        triedWords: ["compare", "cmp", "same"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let now = context.look()
        let names = [now.name(first), now.name(second)]
        guard names[0] != names[1] else {
            let other = now.snapshot.nodes.first { $0.name != names[0] }?.name
            throw Failure(
                "\(names[0]) cannot be compared with itself",
                advice: other.map { "diff \(names[0]) \($0)" } ?? "status")
        }
        let comparison = try context.ask(self) { () throws(LabFailure) in
            try context.lab.diff(names[0], names[1])
        }
        let text = ComparisonText(comparison, names[0], names[1])
        return Reply(lines: context.events() + text.lines, json: [text.json])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension DiffCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        first = try arguments.node("NODE")
        second = try arguments.node("OTHER")
    }
}
