internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import JSON
internal import Storage
internal import WALFormat

/// An old primary that is down comes back as a replica: `follow p r1` and `restart p as=replica`
/// do the same, and say the same.
struct Rejoining {
    let node: String
    /// Nil: the present primary.
    let upstream: String?

    func reply(
        in context: CommandContext, of command: some LabCommand
    ) throws(Failure) -> Reply {
        let before = context.look()
        let report = try context.ask(command) { () throws(LabFailure) in
            try context.lab.rejoin(node, to: upstream)
        }
        context.note(.none, on: node)
        let rest = context.consequences(since: before) { event in
            event.node == node && (event.isRecovery || event.isAboutReceiving(on: node))
        }
        return Reply(lines: report.lines + rest, json: [report.json])
    }

    /// What these commands have against a node; nil for what others say as well.
    static func advice(on failure: LabFailure, _ general: FailureText) -> Failure? {
        switch failure {
        case .cannotFollow(let name, let upstream, let refusal)
        where general.standing.snapshot[name].map { !$0.isStandby && !$0.isRunning } ?? false:
            Failure(
                "\(name) cannot follow \(upstream): it \(refusal.text)",
                advice: "rewind \(name) from \(upstream)")
        case .isPrimary(let name)
        where name == general.standing.snapshot.primary && !general.standing.primaryIsUp:
            Failure(
                "\(name) is the primary, and nobody has taken over from it",
                advice: "restart \(name)")
        default: nil
        }
    }

    /// How to make a replica of a primary that runs, and is not the present one.
    static func advice(stopping name: String, _ general: FailureText) -> String {
        "basebackup \(name), which makes a replica of it"
    }
}

extension RejoinReport {
    fileprivate var lines: [String] {
        let start = "\(node) is up as a replica of \(upstream): "
        let rejoined =
            switch fate {
            case .follows(let lsn): start + "it streams from \(lsn), and nothing was copied"
            case .refused: start + "it was refused"
            case .cannotFollow(let own, let fork):
                start + "it has WAL to \(own), past the fork at \(fork)"
            case .notYet, .isDown: start + "it will follow when it can reach it"
            }
        guard !recovery.wasCleanlyStopped else { return [rejoined] }
        return ["\(node) had crashed: \(recovery.text)"] + recovery.remarks + [rejoined]
    }

    fileprivate var json: JSONValue {
        [
            "node": .string(node), "upstream": .string(upstream), "fate": .string(fate.word),
            "lsn": .optional(fate.position?.description),
            "records_replayed": .int(recovery.recordsReplayed),
            "end_lsn": .string(recovery.end.description),
            "was_clean": .bool(recovery.wasCleanlyStopped), "copied_bytes": .int(0),
        ]
    }
}
