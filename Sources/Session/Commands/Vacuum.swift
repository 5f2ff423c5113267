internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
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
            the page is used again. It is logged, so every replica prunes the same pages; a \
            replica where somebody still reads such a version waits with it. With \
            hot_standby_feedback it is spared, and stays on the primary's pages.
            """,
        example: "vacuum", seeAlso: ["page", "rollback", "delete"], changesState: true,
        triedWords: ["prune", "gc", "clean", "compact"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        let name = before.name(node ?? .primary)
        let result = try context.ask(self) { () throws(LabFailure) in
            try context.lab.vacuum(name)
        }
        let report = result.report
        let versions = CountText.of(report.tuplesRemoved, "dead row version")
        let verb = report.tuplesSpared > 0 ? "can go from" : "on"
        let line =
            report.tuplesRemoved == 0
            ? "vacuum on \(name): no dead row version \(verb) "
                + CountText.of(report.pagesScanned, "page")
            : "vacuum on \(name): \(versions) pruned from "
                + "\(CountText.of(report.pagesPruned, "page")), "
                + "\(CountText.bytes(report.bytesFreed)) of room gained"
        return Reply(
            lines: [line] + result.sparedLines
                + (report.tuplesRemoved == 0
                    ? context.events() : context.consequences(since: before)),
            json: [
                [
                    "node": .string(name), "pages_scanned": .int(report.pagesScanned),
                    "pages": .int(report.pagesPruned), "tuples": .int(report.tuplesRemoved),
                    "bytes": .int(report.bytesFreed),
                    "spared": .int(report.tuplesSpared),
                    "spared_for": .array(result.holders.map { .string($0.text) }),
                ]
            ])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension VacuumResult {
    /// What stays, and for whom.
    fileprivate var sparedLines: [String] {
        guard report.tuplesSpared > 0 else { return [] }
        let versions = CountText.of(report.tuplesSpared, "dead row version")
        let verb = Words.verb(report.tuplesSpared, "stays", "stay")
        return [
            "\(versions) \(verb) on \(CountText.of(report.pagesSpared, "page")), for "
                + Words.list(holders.map(\.text))
        ]
    }
}

extension RowHolder {
    fileprivate var text: String {
        switch kind {
        case .readers: "its own readers"
        case .replica(let name):
            name.isEmpty ? "a client" : "\(name.escapedForDisplay)'s readers"
        case .slot(let name): "slot \(name)"
        }
    }
}

extension VacuumCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        node = try arguments.optionalNode("NODE")
    }
}
