internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import JSON
internal import Replication
internal import WALFormat

/// `promote`: step 3 of the failover procedure, and what it cost.
struct PromoteCommand: LabCommand {
    /// Nil: of a dry run, all.
    let node: NodeReference?
    /// Says what would be, and does nothing.
    var isDryRun = false

    static let spec = CommandSpec(
        "promote", .failover,
        [
            CommandParameter("REPLICA", .replica, .optional),
            CommandParameter("DRY", .none, .flag("--dry-run")),
        ],
        summary: "make a replica the primary",
        details: """
            Step 3 of the failover procedure (pg_ctl promote). The replica finishes what it \
            has received, starts a new timeline and accepts writes. The data between the old \
            primary's last streamed WAL record and its crash is gone; the loss ledger lists \
            it, record by record. What earlier promotions have lost 'lost' names.
            With --dry-run nothing happens: it shows from where the replica would go on, how many \
            of the primary's commits it lacks and who could follow it; without a name it shows \
            all replicas side by side.
            """,
        example: "promote r1", seeAlso: ["lost", "status", "crash"], changesState: true,
        triedWords: ["elect", "switchover", "takeover"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        guard !isDryRun else { return try rehearse(before, in: context) }
        let replica = before.name(node ?? .primary)
        let report = try context.ask(self) { () throws(LabFailure) in
            try context.lab.promote(replica)
        }
        let told = Set(report.others.map(\.name) + [replica])
        let rest = context.consequences(since: before) { event in
            told.contains(event.node) && event.isAboutFollowing
        }
        let loss = LossTable(ofPromotion: report.loss)
        let budget = isWatched(context.lab) ? BudgetTable(context.lab)?.lines ?? [] : []
        return Reply(
            lines: report.lines + rest + loss.lines + budget,
            json: [.members(report.json + loss.members)])
    }

    /// Whether somebody was there who could tell what it took.
    private func isWatched(_ lab: Lab) -> Bool {
        lab.monitorReport != nil || lab.clientsReport != nil
    }

    private func rehearse(
        _ now: Standing, in context: CommandContext
    ) throws(Failure) -> Reply {
        var outlooks = now.outlooks
        if let node {
            let name = now.name(node)
            outlooks.removeAll { $0.node != name }
            if outlooks.isEmpty {
                try context.ask(self) { () throws(LabFailure) in
                    try context.lab.checkMayPromote(name)
                }
            }
        }
        guard !outlooks.isEmpty else {
            throw Failure("no replica can be promoted now", advice: "status")
        }
        let table = OutlookTable(primary: now.snapshot.primary, outlooks: outlooks)
        return Reply(lines: table.lines + context.events(), json: [table.json])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? {
        if case .isDown(let name, let state) = failure {
            return general.isDown(
                name, state, ", so it cannot be promoted",
                advice: general.heir(besides: name).map { "promote \($0)" })
        }
        if case .isPrimary(let name) = failure {
            let isPresent = name == general.standing.snapshot.primary
            return Failure(
                isPresent
                    ? "\(name) is the primary already"
                    : "\(name) is a primary already, of an older timeline",
                advice: general.replica.map { "promote \($0)" } ?? "status")
        }
        return nil
    }
}

extension PromoteCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        isDryRun = arguments["DRY"] != nil
        node = isDryRun ? try arguments.optionalNode("REPLICA") : try arguments.node("REPLICA")
    }
}

extension LabEvent {
    /// A receiver left the old primary or found the new one: the reply says so in its own words.
    fileprivate var isAboutFollowing: Bool {
        switch kind {
        case .node(.receiver(let event)):
            switch event {
            case .streaming, .disconnected, .followed, .stopped: true
            case .timedOut, .refused, .protocolViolation: false
            }
        case .node, .recovered, .foundDamaged, .foundShort, .backup, .postgres, .lag, .monitor,
            .clients,
            .read, .crashed:
            false
        }
    }
}

extension PromotionReport {
    fileprivate var lines: [String] {
        ["\(node) is the primary now: timeline \(timeline) begins at \(fork)"]
            + others.map { line($0) }
    }

    private func line(_ other: Follower) -> String {
        switch other.fate {
        case .follows(let lsn): "\(other.name) follows \(node) from \(lsn)"
        case .cannotFollow(let own, let fork):
            "\(other.name) cannot follow \(node): it has WAL to \(own), past the fork at \(fork)"
        case .refused: "\(other.name) cannot follow \(node) yet: it was refused"
        case .notYet: "\(other.name) will follow \(node) when it can reach it"
        case .isDown: "\(other.name) is down"
        }
    }

    fileprivate var json: [(String, JSONValue)] {
        [
            ("node", .string(node)), ("timeline", .int(Int(timeline.rawValue))),
            ("fork", .string(fork.description)), ("old_primary", .string(oldPrimary)),
            ("old_primary_is_up", .bool(oldPrimaryIsUp)),
            ("others", .array(others.map(\.json))),
        ]
    }
}

extension PromotionReport.Follower {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "fate": .string(fate.word),
            "lsn": .optional(fate.position?.description),
        ]
    }
}
