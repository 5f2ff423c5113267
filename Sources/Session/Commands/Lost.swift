internal import Cluster
internal import CommandLanguage
internal import JSON

/// `lost`: the loss ledger, made anew.
struct LostCommand: LabCommand {
    static let spec = CommandSpec(
        "lost", .failover, [],
        summary: "show the loss ledger again",
        details: """
            Every acknowledged commit that the new primary does not have: LSN, key, value, \
            when the client was told OK, and how far the record got. It compares what clients \
            were told with what the node really holds; the shipper's own counters are not \
            asked. What several promotions have lost is told apart by them. A disk holds a \
            commit if a get there, after recovery, finds what it did, or if its log still has \
            it and a later commit there has changed the key again.
            """,
        example: "lost", seeAlso: ["promote", "salvage", "lag"], changesState: false,
        triedWords: ["loss", "ledger", "missing", "losses"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let report = try context.ask(self) { () throws(LabFailure) in try context.lab.lost() }
        let table = LossTable(report)
        return Reply(lines: context.events() + table.lines, json: [.members(table.members)])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension LostCommand {
    init(_ arguments: BoundArguments) {}
}
