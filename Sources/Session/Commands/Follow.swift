internal import Cluster
internal import CommandLanguage
internal import JSON
internal import WALFormat

/// `follow`: a replica streams from another node from now on.
struct FollowCommand: LabCommand {
    let node: NodeReference
    let upstream: NodeReference

    static let spec = CommandSpec(
        "follow", .replicas, [.replica, CommandParameter("UPSTREAM", .node)],
        summary: "let a replica stream from another node",
        details: """
            Cascading replication: a replica can be another's upstream. It passes on what it \
            has made durable itself, so the last one in a chain is behind by the way through \
            all of them, and the primary serves one replica instead of many. When the one in \
            the middle is promoted, those behind it go on with it.
            An old primary that is down is started as a replica so, if its log ends where \
            UPSTREAM's goes on: nothing is copied.
            """,
        example: "follow r2 r1", seeAlso: ["status", "lag", "promote"], changesState: true,
        triedWords: ["cascade", "upstream", "primary_conninfo", "repoint", "chain"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        let replica = before.name(node)
        if let old = before.snapshot[replica], !old.isStandby, !old.isRunning {
            let rejoining = Rejoining(node: replica, upstream: before.name(upstream))
            return try rejoining.reply(in: context, of: self)
        }
        let report = try context.ask(self) { () throws(LabFailure) in
            try context.lab.follow(replica, before.name(upstream))
        }
        let rest = context.consequences(since: before) { $0.isAboutReceiving(on: replica) }
        return Reply(lines: [report.sentence] + rest, json: [report.json])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? {
        if let failure = Rejoining.advice(on: failure, general) { return failure }
        guard case .isPrimary(let name) = failure else { return nil }
        guard name == general.standing.snapshot.primary else {
            return Failure(
                "\(name) is a primary, of an older timeline, and follows nobody",
                advice: Rejoining.advice(stopping: name, general))
        }
        return Failure(
            "\(name) is a primary, and follows nobody",
            advice: general.replica.map { "follow \($0) \(name)" } ?? "status")
    }
}

extension FollowCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        node = try arguments.node("REPLICA")
        upstream = try arguments.node("UPSTREAM")
    }
}

extension FollowReport {
    fileprivate var sentence: String {
        switch fate {
        case .follows(let lsn): "\(replica) streams from \(upstream) now, from \(lsn)"
        case .refused: "\(replica) cannot follow \(upstream) yet: it was refused"
        case .cannotFollow(let own, let fork):
            "\(replica) cannot follow \(upstream) as that is: it has WAL to \(own), past \(fork)"
        case .notYet: "\(replica) will follow \(upstream) when it can reach it"
        case .isDown: "\(replica) is down"
        }
    }

    fileprivate var json: JSONValue {
        [
            "replica": .string(replica), "upstream": .string(upstream),
            "old_upstream": .string(oldUpstream), "fate": .string(fate.word),
            "lsn": .optional(fate.position?.description),
        ]
    }
}
