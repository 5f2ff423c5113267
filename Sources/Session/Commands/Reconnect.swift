internal import Cluster
internal import CommandLanguage
internal import JSON
internal import LabClock
internal import Replication
internal import WALFormat
internal import WireProtocol

/// `reconnect`: heals a link, connects at once, and says where the stream resumed.
struct ReconnectCommand: LabCommand {
    let node: NodeReference

    static let spec = CommandSpec(
        "reconnect", .network, [.replica],
        summary: "heal a link and connect at once",
        details: """
            Catching up after a disconnect: the replica tells the primary the last LSN it \
            durably received, and the primary streams everything from there forward. The reply \
            says where it resumed and how many commits and bytes were shipped.
            """,
        example: "reconnect r1", seeAlso: ["heal", "lag"], changesState: true,
        triedWords: ["resume", "retry", "catchup"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        let replica = before.name(node)
        if replica == context.lab.postgresName { return try postgres(context, since: before) }
        let report: ReconnectReport
        do throws(LabFailure) {
            report = try context.lab.reconnect(replica)
        } catch {
            // What the upstream said is the failure itself.
            if case .refused = error { context.skipEvents { $0.node == replica } }
            throw context.explain(error, of: self)
        }
        let rest = context.consequences(since: before) { $0.isAboutReceiving(on: replica) }
        return Reply(lines: report.lines + rest, json: [report.json])
    }

    /// The same of the PostgreSQL member.
    private func postgres(
        _ context: CommandContext, since before: Standing
    ) throws(Failure) -> Reply {
        let report = try context.ask(self) { () throws(LabFailure) in
            try context.lab.reconnectPostgres()
        }
        return Reply(
            lines: report.lines + context.consequences(since: before), json: [report.json])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension ReconnectCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        node = try arguments.node("REPLICA")
    }
}

extension ReconnectReport {
    fileprivate var lines: [String] {
        guard isCaughtUp else { return ["\(replica) has not caught up with \(upstream) yet"] }
        let waited = took > .zero ? ["it took \(took.text) of lab time"] : []
        return ["\(replica) resumed at its own flush LSN \(resumedAt):", shipped] + waited
    }

    private var shipped: String {
        guard byteCount > 0 else { return "nothing was missing" }
        return "\(Words.commits(commitCount)), \(CountText.bytes(byteCount)) shipped, "
            + "\(CountText.of(appliedTwice, "record")) applied twice"
    }

    fileprivate var json: JSONValue {
        [
            "replica": .string(replica), "upstream": .string(upstream),
            "resumed_at": .string(resumedAt.description),
            "caught_up_at": .string(caughtUpAt.description), "commits": .int(commitCount),
            "bytes": .int(byteCount), "records": .int(recordCount),
            "applied_twice": .int(appliedTwice), "took_ms": took.jsonMilliseconds,
        ]
    }
}

extension PostgresReconnectReport {
    fileprivate var lines: [String] {
        guard isCaughtUp else {
            return [
                "\(node) has not caught up with \(upstream) yet" + PostgresText.reason(refusal, "")
            ]
        }
        let asked = askedFrom.map { "\(node) asked for WAL from \($0), the start of a segment:" }
        let shipped =
            byteCount > 0
            ? "\(Words.commits(commitCount)), \(CountText.bytes(byteCount)) of it new"
            : "nothing was missing"
        return (asked.map { [$0] } ?? []) + [shipped]
    }

    fileprivate var json: JSONValue {
        [
            "replica": .string(node), "upstream": .string(upstream),
            "asked_from": .optional(askedFrom?.description),
            "caught_up_at": .string(replayed.description), "commits": .int(commitCount),
            "bytes": .int(byteCount),
        ]
    }
}
