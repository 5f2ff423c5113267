internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import JSON
internal import WALFormat

/// `checkpoint`: pages go to disk, and recovery has a later place to begin.
struct CheckpointCommand: LabCommand {
    let node: NodeReference?

    static let spec = CommandSpec(
        "checkpoint", .storage, [.optionalNode],
        summary: "bring pages to disk, recover from here",
        details: """
            Writes every changed page to the table's file, then a checkpoint record to the \
            log, and notes its redo point: recovery begins there, so a restart replays less. \
            The first change to a page after it carries the whole page (full_page_writes). A \
            replica takes a restartpoint instead, at its primary's last checkpoint.
            """,
        example: "checkpoint", seeAlso: ["restart", "page", "config"], changesState: true,
        triedWords: ["flush", "sync", "fsync", "restartpoint"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        let report = try context.ask(self) { () throws(LabFailure) in
            try context.lab.checkpoint(before.name(node ?? .primary))
        }
        return Reply(
            lines: report.lines
                + (report.wasNeeded ? context.consequences(since: before) : context.events()),
            json: [report.json])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension CheckpointCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        node = try arguments.optionalNode("NODE")
    }
}

extension CheckpointReport {
    fileprivate var lines: [String] {
        let kind = isRestartpoint ? "restartpoint" : "checkpoint"
        if foundDiskFull { return ["no \(kind): the disk of \(node) is full"] }
        return [
            wasNeeded
                ? "\(kind) on \(node): \(CountText.of(pageCount, "page")) written"
                : "nothing to do: \(node) has replayed no checkpoint since the last time",
            "recovery of \(node) would begin at \(redo)",
        ]
    }

    fileprivate var json: JSONValue {
        [
            "node": .string(node), "redo_lsn": .string(redo.description),
            "pages": .int(pageCount), "restartpoint": .bool(isRestartpoint),
            "needed": .bool(wasNeeded), "disk_full": .bool(foundDiskFull),
            "removed_segments": .int(removedSegmentCount),
        ]
    }
}
