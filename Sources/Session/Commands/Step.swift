internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import JSON
internal import LabClock
internal import WALFormat

/// `step`: one commit through the chapter's seven stages.
struct StepCommand: LabCommand {
    /// What begins it.
    struct Write: Hashable {
        let key: String
        let value: String
    }

    /// Nil: the commit under way goes on.
    let write: Write?

    static let spec = CommandSpec(
        "step", .failover,
        [
            CommandParameter("KEY", .key, .paired(alone: "for the next stage")),
            CommandParameter("VALUE", .free, .paired(alone: "for the next stage")),
        ],
        summary: "walk a commit through its seven stages",
        details: """
            'step KEY VALUE' writes a key on the primary and stops when the record is in the WAL \
            buffer. Each 'step' lets the commit go one stage further: flush, ack, send, receive, \
            persist, apply. Whoever does the stage stands there, as a frozen process does, so \
            that a crash now is a crash between two stages. Of several replicas the first decides.
            """,
        example: "step a 1", seeAlso: ["crash", "set", "status"], changesState: true,
        triedWords: ["stages", "walk", "trace"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        let report = try context.ask(self) { () throws(LabFailure) in
            guard let write else { return try context.lab.step() }
            return try context.lab.beginSteps(write.key, write.value)
        }
        if let write { context.note(key: write.key) }
        return Reply(
            lines: report.lines + context.consequences(since: before), json: [report.json])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? {
        switch failure {
        case .noCommitIsWatched:
            Failure("no commit is under way, or no replica is there to get it", advice: "step a 1")
        case .transactionIsOpen(let node):
            Failure(
                "a transaction is open on \(node), and step makes a commit of its own",
                advice: "commit, or rollback")
        case .tookTooLong(let what, let bound):
            Failure(
                "\(what) was not reached within \(bound.text)",
                advice: "step, to wait for it again; or link, to see what is in the way")
        default: general.onWrite(failure)
        }
    }
}

extension StepCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        guard arguments["KEY"] != nil else {
            write = nil
            return
        }
        write = Write(key: try arguments.key("KEY"), value: try arguments.word("VALUE").text)
    }
}

extension StepReport {
    fileprivate var lines: [String] {
        let place = "stage \(stage.number) of \(CommitStage.allCases.count), \(stage.rawValue): "
        return [place + what + (took > .zero ? ", \(took.text) later" : ""), client + rest]
    }

    private var what: String {
        let names = Words.list(stoppedOn)
        return switch stage {
        case .insert: "the record is in \(names)'s WAL buffer, to \(commit)"
        case .flush: "it is on \(names)'s disk"
        case .ack: "\(names) has answered its client"
        case .send: "\(names) has handed it to its sockets"
        case .receive: "it is in the WAL files of \(names), not synced"
        case .persist: "it is on the disk of \(names)"
        case .apply: "readers of \(names) see it"
        }
    }

    private var client: String {
        switch told {
        case .nothing: "its client waits"
        case .ok: "its client was told OK"
        case .lost: "its client will never hear"
        }
    }

    private var rest: String {
        stage.next.map { "; next: \($0.rawValue)" } ?? "; that was the last stage"
    }

    fileprivate var json: JSONValue {
        [
            "node": .string(node), "stage": .string(stage.rawValue),
            "number": .int(stage.number), "lsn": .string(commit.description),
            "stopped": .array(stoppedOn.map { .string($0) }), "told": .string(told.rawValue),
            "took_ms": .int(Int(took / .milliseconds(1))),
        ]
    }
}
