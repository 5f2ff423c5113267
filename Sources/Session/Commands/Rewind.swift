internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import JSON
internal import LabClock
internal import Storage
internal import WALFormat

/// `rewind`: an old primary whose log has gone its own way becomes a replica, by the pages that it
/// touched since.
struct RewindCommand: LabCommand {
    let node: NodeReference
    /// The node it is to follow; nil: the primary.
    var source: NodeReference?
    /// What only its disk has may go.
    var discards = false
    /// False: say what would be done.
    var changes = true

    static let spec = CommandSpec(
        "rewind", .failover,
        [
            .node, CommandParameter("SOURCE", .node, .keyword("from")),
            CommandParameter("DISCARD", .none, .flag("--discard")),
            CommandParameter("DRYRUN", .none, .flag("--dry-run")),
        ],
        summary: "unfork a node",
        details: """
            For a node that is down and whose log has left the primary's (pg_rewind). From the \
            last checkpoint before the fork on its log says which pages it has touched; these \
            pages and the log come from SOURCE, over the node's own wire, and replay makes them \
            fit together. What it wrote behind the fork is gone.
            If clients were told of commits that only this node's disk still has, it says so \
            and does nothing: salvage them, or say --discard. --dry-run prints the plan. One \
            that breaks off leaves a node that does not start until it is run again.
            """,
        example: "rewind p from r1", seeAlso: ["salvage", "basebackup", "follow"],
        changesState: true,
        triedWords: ["pg_rewind", "rewound", "unfork"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        let name = before.name(node)
        let source = source.map { before.name($0) }
        let report = try context.ask(self) { () throws(LabFailure) in
            try context.lab.rewind(name, from: source, discards: discards, changes: changes)
        }
        guard changes else {
            return Reply(
                lines: RewindText.plan(report) + context.events(), json: [report.json])
        }
        context.note(.none, on: name)
        let rest = context.consequences(since: before) { event in
            event.node == name && (event.isRecovery || event.isAboutReceiving(on: name))
        }
        let streams = context.lab.snapshot()[name]?.reception == .streaming
        return Reply(
            lines: RewindText.lines(report, streams: streams) + rest, json: [report.json])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? {
        switch failure {
        case .isUp(let name):
            Failure("\(name) is up, and a rewind needs it down", advice: "stop \(name)")
        case .isDown(let name, let state):
            general.isDown(
                name, state, ", and a rewind copies from a running node",
                advice: "restart \(name)")
        default: nil
        }
    }
}

extension RewindCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        node = try arguments.node("NODE")
        source = try arguments.optionalNode("SOURCE")
        discards = arguments["DISCARD"] != nil
        changes = arguments["DRYRUN"] == nil
    }
}

extension RewindReport {
    fileprivate var json: JSONValue {
        [
            "node": .string(node), "source": .string(source),
            "changed": .bool(recovery != nil), "fork": .string(summary.plan.fork.description),
            "own_end": .string(summary.plan.ownEnd.description),
            "checkpoint_lsn": .string(summary.plan.checkpoint.description),
            "redo_lsn": .string(summary.plan.redo.description),
            "end_lsn": .optional(summary.end?.description),
            "timeline": .int(Int(summary.timeline.rawValue)),
            "pages": .int(summary.blockCount), "table_pages": .int(summary.pageCount),
            "bytes": .int(summary.byteCount), "wal_bytes": .int(summary.walByteCount),
            "discarded": .int(discarded.count), "took_ms": took.jsonMilliseconds,
        ]
    }
}
