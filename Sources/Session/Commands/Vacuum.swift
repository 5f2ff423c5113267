internal import Cluster
internal import CommandLanguage
internal import JSON
internal import Storage

/// `vacuum`: row versions that nobody can see make room.
struct VacuumCommand: LabCommand {
    let node: NodeReference?

    static let spec = CommandSpec(
        "vacuum", .storage, [.optionalNode],
        summary: "prune rows that nobody can see",
        details: """
            An update leaves the old version of its row on the page, a delete and a rollback \
            leave theirs. Vacuum takes away those that nobody can see any more; the room on \
            the page is used again. It is logged, so every replica prunes the same pages.
            """,
        example: "vacuum", seeAlso: ["page", "rollback", "delete"], changesState: true,
        triedWords: ["prune", "gc", "clean", "compact"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        let name = before.name(node ?? .primary)
        let report = try context.ask(self) { () throws(LabFailure) in
            try context.lab.vacuum(name)
        }
        let versions = CountText.of(report.tuplesRemoved, "dead row version")
        let line =
            report.tuplesRemoved == 0
            ? "vacuum on \(name): no dead row version on "
                + CountText.of(report.pagesScanned, "page")
            : "vacuum on \(name): \(versions) pruned from "
                + "\(CountText.of(report.pagesPruned, "page")), "
                + "\(CountText.bytes(report.bytesFreed)) of room gained"
        return Reply(
            lines: [line]
                + (report.tuplesRemoved == 0
                    ? context.events() : context.consequences(since: before)),
            json: [
                [
                    "node": .string(name), "pages_scanned": .int(report.pagesScanned),
                    "pages": .int(report.pagesPruned), "tuples": .int(report.tuplesRemoved),
                    "bytes": .int(report.bytesFreed),
                ]
            ])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension VacuumCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        node = try arguments.optionalNode("NODE")
    }
}
