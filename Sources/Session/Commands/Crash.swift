internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import JSON
internal import Storage
internal import WALFormat

/// `crash`: power loss, and what was on the wires.
struct CrashCommand: LabCommand {
    /// What becomes of the bytes that a crashed node's links still hold.
    enum WireFate: String, CaseIterable {
        /// They are lost with the node: the zone went dark. The default.
        case drop
        /// They arrive: only the node died, the network did not.
        case deliver
    }

    /// When it happens.
    enum Moment: Hashable {
        case now
        /// When the node's next commit has come so far.
        case after(CommitStage)
        /// Not any more: that is taken back.
        case never
    }

    let node: NodeReference
    var moment = Moment.now
    var wire = WireFate.drop
    /// What is left of the writes that were not synced; nil: the disk's default.
    var disk: Survival?

    static let spec = CommandSpec(
        "crash", .failure,
        [
            .node,
            CommandParameter(
                "WIRE", .choice, .option("wire", choices: WireFate.allCases.map(\.rawValue))),
            CommandParameter(
                "KEPT", .choice,
                .option("disk", choices: Survival.allCases.map(\.rawValue))),
            CommandParameter("AFTER", .choice, .option("after", choices: Moment.words)),
        ],
        summary: "cut a node's power",
        details: """
            The zone goes dark: memory is gone, the disk keeps what was synced, and bytes \
            still on the node's links go with it. With wire=deliver only the node dies and \
            those bytes still arrive. In a lab started with --memory, disk= says what is left \
            of the writes that were not synced: nothing, everything, those up to some instant \
            (prefix), or some of their sectors.
            With after= the power goes when the node's next commit has come so far, and no \
            further: into the WAL buffer (insert), onto the disk (flush), to its client (ack), \
            into the replicas' sockets (send); or on the replica that is first into its WAL \
            file (receive), onto its disk (persist), to its readers (apply). after=never takes \
            that back.
            """,
        example: "crash primary", seeAlso: ["stop", "restart", "promote"], changesState: true,
        triedWords: ["kill", "poweroff", "die", "fail"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        let name = before.name(node)
        switch moment {
        case .now: break
        case .after(let stage): return try arm(name, stage, context)
        case .never: return try arm(name, nil, context)
        }
        let report = try context.ask(self) { () throws(LabFailure) in
            try context.lab.crash(name, deliversWire: wire == .deliver, survival: disk)
        }
        return Reply(
            lines: CrashText.lines(report) + context.consequences(since: before),
            json: [report.json])
    }

    /// It happens later, or not at all.
    private func arm(
        _ name: String, _ stage: CommitStage?, _ context: CommandContext
    ) throws(Failure) -> Reply {
        try context.ask(self) { () throws(LabFailure) in
            try context.lab.crash(
                name, after: stage, deliversWire: wire == .deliver, survival: disk)
        }
        let line =
            stage.map {
                "\(name) loses power when its next commit \($0.soon): stage \($0.number) of 7"
            }
            ?? "\(name) keeps its power"
        return Reply(
            lines: [line],
            json: [["node": .string(name), "after": .optional(stage?.rawValue)]])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? {
        guard case .isReplica(let name) = failure else { return general.onShutdown(failure) }
        return Failure(
            "\(name) is a replica: it receives, persists and applies commits",
            advice: "crash \(name) after=receive")
    }
}

extension CrashCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        node = try arguments.node("NODE")
        wire = arguments.choice("WIRE", of: WireFate.self) ?? .drop
        disk = arguments.choice("KEPT", of: Survival.self)
        guard let word = arguments["AFTER"]?.text else { return }
        moment = CommitStage(rawValue: word).map { .after($0) } ?? .never
    }
}

extension CrashCommand.Moment {
    fileprivate static let words = CommitStage.allCases.map(\.rawValue) + ["never"]
}

extension CommitStage {
    fileprivate var soon: String {
        switch self {
        case .insert: "is in its WAL buffer"
        case .flush: "is on its disk"
        case .ack: "is acknowledged"
        case .send: "is sent"
        case .receive: "is received by a replica"
        case .persist: "is on a replica's disk"
        case .apply: "is replayed on a replica"
        }
    }
}

extension CrashReport {
    fileprivate var json: JSONValue {
        [
            "node": .string(node),
            "flush_lsn": wasInBackup ? .null : .string(flush.description),
            "unsynced_bytes": unsynced.map { .int($0.byteCount) } ?? .null,
            "wires": .array(
                lostOnWire.map {
                    [
                        "replica": .string($0.replica), "bytes": .int($0.byteCount),
                        "delivered": .bool($0.isDelivered),
                    ]
                }),
        ]
    }
}
