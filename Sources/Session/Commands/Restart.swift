internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import JSON
internal import Storage
internal import WALFormat

/// `restart`: a node comes back from its own disk, by the redo that a replica runs all day.
struct RestartCommand: LabCommand {
    let node: NodeReference
    var role = RestartRole.same

    static let spec = CommandSpec(
        "restart", .failure,
        [
            .node,
            CommandParameter(
                "ROLE", .choice, .option("as", choices: RestartRole.allCases.map(\.rawValue))),
        ],
        summary: "start a node from its own disk",
        details: """
            Crash recovery: the node replays its own WAL from the last checkpoint to the end. \
            It is the same redo a replica runs all day, except that the records come from its \
            disk instead of a socket.
            A primary that somebody has taken over from comes back as a second primary. With \
            as=replica it follows the present one (standby.signal), if its log ends where the \
            other's goes on: then nothing is copied.
            """,
        example: "restart p", seeAlso: ["crash", "stop", "status"], changesState: true,
        triedWords: ["start", "boot", "up", "recover", "revive"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        let name = before.name(node)
        if role == .replica, before.snapshot[name]?.isStandby == false {
            return try Rejoining(node: name, upstream: nil).reply(in: context, of: self)
        }
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
        if let failure = Rejoining.advice(on: failure, general) { return failure }
        guard case .cannotOpen(let name, let reason) = failure else { return nil }
        return general.cannotOpen(name, reason, "\(name) cannot be opened")
    }
}

/// What the node comes back as.
enum RestartRole: String, CaseIterable {
    /// What it was when it went down.
    case same
    case replica
}

extension RestartCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        node = try arguments.node("NODE")
        role = arguments.choice("ROLE", of: RestartRole.self) ?? .same
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
