internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import JSON
internal import LabClock
internal import Replication
internal import Storage
internal import WALFormat

/// `basebackup`: a replica's directory is filled anew from another node, which goes on working.
struct BaseBackupCommand: LabCommand {
    let replica: NodeReference
    /// The node whose files it gets; nil: the primary.
    var source: NodeReference?
    /// In kB a second; nil: as fast as it goes.
    var rate: Int?
    /// Whether the command waits for the backup's end.
    var waits = true

    /// In kB a second; the least and the most that PostgreSQL takes.
    private static let rates = 32...1_048_576

    static let spec = CommandSpec(
        "basebackup", .failover,
        [
            .replica,
            CommandParameter("NODE", .node, .keyword("from")),
            CommandParameter("KBPS", .number, .keyword("rate")),
            CommandParameter("NOWAIT", .none, .flag("--no-wait")),
        ],
        summary: "fill a replica anew",
        details: """
            For a replica that cannot catch up: it has WAL that the new primary never had, or \
            it needs WAL that is gone. The replica is stopped, its directory is emptied and \
            filled with NODE's files (pg_basebackup), while NODE takes writes: redo from the \
            backup's checkpoint on makes them fit together. Then it starts, replays to the \
            backup's end, and follows NODE, the primary unless you say otherwise.
            What the replica alone had is gone. An old primary becomes a replica so.
            rate is in kB a second of lab time. With --no-wait the backup goes on while you \
            type, as lab time passes. If it breaks off, the replica is left empty; try again.
            """,
        example: "basebackup r1 from p rate 256", seeAlso: ["diff", "reconnect", "promote"],
        changesState: true,
        triedWords: ["pg_basebackup", "reseed", "clone", "resync", "rebuild", "rejoin"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        let replica = before.name(replica)
        let source = source.map { before.name($0) }
        if replica == context.lab.postgresName {
            return try postgres(replica, source, context, since: before)
        }
        guard waits else { return try begin(replica, source, context, since: before) }
        let report = try finished(context) { () throws(LabFailure) in
            try context.lab.baseBackup(of: replica, from: source, rate: rate)
        }
        context.note(.none, on: replica)
        let rest = context.consequences(since: before) { event in
            event.node == replica
                && (event.isAboutBackup || event.isRecovery
                    || event.isAboutReceiving(on: replica))
        }
        let streams = context.lab.snapshot()[replica]?.reception == .streaming
        let last =
            streams
            ? "\(replica) streams from \(report.source)"
            : "\(replica) follows \(report.source), and does not stream yet"
        return Reply(
            lines: ["\(replica) was emptied and filled anew"] + BackupText.lines(report) + [last]
                + rest,
            json: [report.json(streams: streams)])
    }

    /// A failure says itself what the event of it would say.
    private func finished<Report>(
        _ context: CommandContext, _ backup: () throws(LabFailure) -> Report
    ) throws(Failure) -> Report {
        do throws(Failure) {
            return try context.ask(self, backup)
        } catch {
            context.skipEvents { $0.isAboutBackup }
            throw error
        }
    }

    /// It goes on while other commands run.
    private func begin(
        _ replica: String, _ source: String?, _ context: CommandContext, since before: Standing
    ) throws(Failure) -> Reply {
        let progress = try finished(context) { () throws(LabFailure) in
            try context.lab.startBaseBackup(of: replica, from: source, rate: rate)
        }
        context.note(.none, on: replica)
        return Reply(
            lines: [
                "\(replica) receives a base backup from \(progress.source): "
                    + CountText.bytes(progress.receivedByteCount) + " so far"
            ] + context.consequences(since: before),
            json: [
                [
                    "replica": .string(replica), "source": .string(progress.source),
                    "received_bytes": .int(progress.receivedByteCount),
                    "expected_bytes": progress.expectedByteCount.map { .int($0) } ?? .null,
                ]
            ])
    }

    /// Of the PostgreSQL member, which is started anew on it.
    private func postgres(
        _ replica: String, _ source: String?, _ context: CommandContext, since before: Standing
    ) throws(Failure) -> Reply {
        guard waits else {
            throw Failure(
                "a base backup of a PostgreSQL is always waited for",
                advice: "basebackup \(replica)")
        }
        let report = try context.ask(self) { () throws(LabFailure) in
            try context.lab.baseBackupPostgres(from: source, rate: rate)
        }
        return Reply(
            lines: report.lines + context.consequences(since: before), json: [report.json])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? {
        if case .isDown(let name, let state) = failure {
            let target = general.standing.name(replica)
            return general.isDown(
                name, state, advice: general.seedFrom(besides: name, target))
        }
        if case .isPrimary(let name) = failure { return general.mayNotBeWiped(name) }
        return nil
    }
}

extension BaseBackupCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        replica = try arguments.node("REPLICA")
        source = try arguments.optionalNode("NODE")
        rate = try arguments.optionalCount("KBPS", Self.rates)
        waits = arguments["NOWAIT"] == nil
    }
}

extension LabEvent {
    /// A base backup has ended, as the reply says itself.
    fileprivate var isAboutBackup: Bool {
        if case .backup = kind { true } else { false }
    }
}

extension BackupReport {
    fileprivate func json(streams: Bool) -> JSONValue {
        [
            "replica": .string(replica), "source": .string(source),
            "checkpoint_lsn": .optional(summary.checkpoint?.description),
            "redo_lsn": .string(summary.redo.description),
            "end_lsn": .string(summary.end.description),
            "timeline": .int(Int(summary.timeline.rawValue)),
            "files": .int(summary.fileCount), "bytes": .int(summary.byteCount),
            "wal_files": .int(summary.walFileCount), "wal_bytes": .int(summary.walByteCount),
            "records_replayed": .int(recovery.recordsReplayed), "streams": .bool(streams),
            "took_ms": took.jsonMilliseconds,
        ]
    }
}

extension PostgresBackupReport {
    fileprivate var lines: [String] {
        let follows = isStreaming ? "streams from" : "does not stream yet from"
        let waited = took > .zero ? ["it took \(took.text) of lab time"] : []
        return ["\(node) was stopped, filled anew and started"]
            + BackupText.origin(source, summary) + waited + ["\(node) \(follows) \(source)"]
    }

    fileprivate var json: JSONValue {
        [
            "replica": .string(node), "source": .string(source),
            "checkpoint_lsn": .optional(summary.checkpoint?.description),
            "redo_lsn": .string(summary.redo.description),
            "end_lsn": .string(summary.end.description),
            "timeline": .int(Int(summary.timeline.rawValue)),
            "files": .int(summary.fileCount), "bytes": .int(summary.byteCount),
            "streams": .bool(isStreaming), "took_ms": took.jsonMilliseconds,
        ]
    }
}
