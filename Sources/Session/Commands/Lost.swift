internal import Cluster
internal import CommandLanguage
internal import JSON

/// `lost`: the loss ledger, made anew.
struct LostCommand: LabCommand {
    /// Whether all writes are counted, by what their clients know and what became of them.
    var showsMatrix = false

    static let spec = CommandSpec(
        "lost", .failover, [CommandParameter("MATRIX", .none, .flag("--matrix"))],
        summary: "show the loss ledger again",
        details: """
            Every acknowledged commit that the new primary does not have: LSN, key, value, \
            when the client was told OK, and how far the record got. It compares what clients \
            were told with what the node really holds; the shipper's own counters are not \
            asked. What several promotions have lost is told apart by them. A disk holds a \
            commit if a get there, after recovery, finds what it did, or if its log still has \
            it and a later commit there has changed the key again.
            With --matrix every write is counted by what its client was told (OK, an error, \
            nothing) and what became of it. Ghosts are there though no client was told OK. \
            Each promotion's loss stands beside the lag when the old primary died, and the \
            lag that the monitor had last heard of.
            """,
        example: "lost", seeAlso: ["promote", "salvage", "lag"], changesState: false,
        triedWords: ["loss", "ledger", "missing", "losses"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let report = try context.ask(self) { () throws(LabFailure) in try context.lab.lost() }
        let table = LossTable(report)
        let lines = showsMatrix ? LossMatrix(report).lines : table.lines
        return Reply(lines: context.events() + lines, json: [.members(table.members)])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension LostCommand {
    init(_ arguments: BoundArguments) {
        showsMatrix = arguments["MATRIX"] != nil
    }
}
