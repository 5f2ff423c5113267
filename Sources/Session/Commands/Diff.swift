internal import Cluster
internal import CommandLanguage
internal import JSON
internal import Storage

/// `diff`: two nodes' directories at the last LSN that both have.
struct DiffCommand: LabCommand {
    let first: NodeReference
    let second: NodeReference
    /// Of what readers see, not of bytes.
    var isOfKeys = false

    static let spec = CommandSpec(
        "diff", .look,
        [
            .node, CommandParameter("OTHER", .node),
            CommandParameter("KEYS", .none, .flag("--keys")),
        ],
        summary: "compare two nodes byte by byte",
        details: """
            After the same LSN two nodes have the same bytes: the table's pages, the \
            transactions' ends in pg_xact, the log up to there. diff compares them at the last \
            LSN that both have, and names the first byte that differs.
            With --keys it shows the keys whose values differ, both values side by side, as \
            readers see them now: two primaries.
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
        if isOfKeys {
            let comparison = try context.ask(self) { () throws(LabFailure) in
                try context.lab.diffKeys(names[0], names[1])
            }
            let table = KeyDifferenceTable(comparison: comparison, names: names)
            return Reply(lines: context.events() + table.lines, json: [table.json])
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
        isOfKeys = arguments["KEYS"] != nil
    }
}
