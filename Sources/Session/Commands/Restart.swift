internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import JSON
internal import Storage
internal import WALFormat

/// `restart`: a node comes back from its own disk, by the redo that a replica runs all day.
struct RestartCommand: LabCommand {
    let node: NodeReference

    static let spec = CommandSpec(
        "restart", .failure, [.node],
        summary: "start a node from its own disk",
        details: """
            Crash recovery: the node replays its own WAL from the last checkpoint to the end. \
            It is the same redo a replica runs all day, except that the records come from its \
            disk instead of a socket.
            """,
        example: "restart p", seeAlso: ["crash", "stop", "status"], changesState: true,
        triedWords: ["start", "boot", "up", "recover", "revive"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        let name = before.name(node)
        let report = try context.ask(self) { () throws(LabFailure) in
            try context.lab.restart(name)
        }
        context.note(.none, on: name)
        let rest = context.consequences(since: before) { event in
            event.node == name && (event.isRecovery || event.isAboutReceiving(on: name))
        }
        return Reply(
            lines: ["\(name) is up: \(report.recovery.text)"] + report.recovery.remarks + rest,
            json: [report.json])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? {
        guard case .cannotOpen(let name, let reason) = failure else { return nil }
        return general.cannotOpen(name, reason, "\(name) cannot be opened")
    }
}

extension RestartCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        node = try arguments.node("NODE")
    }
}

extension RestartReport {
    fileprivate var json: JSONValue {
        [
            "node": .string(node), "records_replayed": .int(recovery.recordsReplayed),
            "redo_lsn": .string(recovery.redoStart.description),
            "end_lsn": .string(recovery.end.description),
            "timeline": .int(Int(recovery.timeline.rawValue)),
            "was_clean": .bool(recovery.wasCleanlyStopped),
            "remarks": .array(recovery.remarks.map { .string($0) }),
        ]
    }
}
