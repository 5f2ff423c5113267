internal import Cluster
internal import CommandLanguage
internal import JSON
internal import Storage

/// `page`: the bytes of one page of a node's table, in words.
struct PageCommand: LabCommand {
    let node: NodeReference?
    let block: Int

    static let spec = CommandSpec(
        "page", .look, [.optionalNode, CommandParameter("N", .number)],
        summary: "show a page of a node's table",
        details: """
            The 8192 bytes of page N as the node has them in memory, or, of a node that is \
            down, in its file: the header, the line pointers, and each version of a row with \
            the transaction that made it (xmin) and the one that deleted or replaced it \
            (xmax), how these ended, and where the next version is (ctid). The page's LSN is \
            the end of the last record that changed it: a page may go to disk when the log is \
            there up to this point.
            """,
        example: "page r1 0", seeAlso: ["wal", "diff", "vacuum"], changesState: false,
        triedWords: ["pages", "heap", "dump", "hexdump", "pageinspect"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let now = context.look()
        let name = now.name(node ?? .primary)
        let page = try context.ask(self) { () throws(LabFailure) in
            try context.lab.page(block, of: name)
        }
        let isUp = now.snapshot[name]?.isRunning ?? false
        let table = PageTable(page, of: name, isFromFile: !isUp)
        return Reply(lines: context.events() + table.lines, json: [table.json])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension PageCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        node = try arguments.optionalNode("NODE")
        block = try arguments.block("N")
    }
}
