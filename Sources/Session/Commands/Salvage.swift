internal import Cluster
internal import CommandLanguage
internal import JSON
internal import WALFormat

/// `salvage`: what a node's disk has and the primary never got, and how to bring it over.
struct SalvageCommand: LabCommand {
    /// What is done with the tail.
    enum Wish: Hashable {
        case list
        /// It is written to the primary; nil: only if there is no conflict.
        case apply(ConflictRule?)
    }

    let node: NodeReference
    var wish = Wish.list

    static let spec = CommandSpec(
        "salvage", .failover,
        [
            .node, CommandParameter("APPLY", .none, .flag("--apply")),
            CommandParameter(
                "CONFLICTS", .oneOf(ConflictRule.allCases.map { Alternative($0.rawValue) }),
                .optional),
        ],
        summary: "bring over what only a lost log has",
        details: """
            After a failover the old primary's log goes its own way behind the fork, and so may \
            a replica's. salvage reads it, with the node up or down, and lists it by key beside \
            what the primary has now. missing: the primary has what it had at the fork. same: it \
            has this value too. conflict: it has changed the key since, to something else.
            With --apply a client writes them to the primary, all in one transaction; 'lost' \
            then calls them salvaged. Conflicts want a word: with skip the primary keeps what it \
            has, with overwrite it takes the node's value. The node's own log is not changed.
            """,
        example: "salvage p", seeAlso: ["lost", "promote", "basebackup"], changesState: true,
        triedWords: ["recover-rows", "reapply", "merge", "rescue", "reconcile"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        let name = before.name(node)
        let tail = try context.ask(self) { () throws(LabFailure) in
            try context.lab.salvage(name)
        }
        switch wish {
        case .list:
            let table = SalvageTable(tail)
            return Reply(
                lines: table.lines + advice(on: tail) + context.events(),
                json: [.members(table.members)])
        case .apply(let rule):
            return try apply(rule, tail, context, since: before)
        }
    }

    /// What to type for the rows of the table.
    private func advice(on tail: SalvageReport) -> [String] {
        let (missing, conflicts) = (tail.missing.count, tail.conflicts.count)
        let command = "salvage \(tail.node) --apply"
        let target = "to \(tail.primary)"
        guard conflicts > 0 else {
            guard missing > 0 else { return [] }
            return ["'\(command)' writes \(CountText.of(missing, "key")) \(target)"]
        }
        return [
            "'\(command) skip' writes \(CountText.of(missing, "key")) \(target), "
                + "'... overwrite' \(CountText.of(missing + conflicts, "key"))"
        ]
    }

    private func apply(
        _ rule: ConflictRule?, _ tail: SalvageReport, _ context: CommandContext,
        since before: Standing
    ) throws(Failure) -> Reply {
        guard rule != nil || tail.conflicts.isEmpty else {
            let count = tail.conflicts.count
            let (are, them) = count == 1 ? ("is a conflict", "it") : ("are conflicts", "them")
            throw Failure(
                "\(count) of the keys of \(tail.node) \(are): \(tail.primary) has changed "
                    + "\(them) too",
                advice: "salvage \(tail.node) --apply skip, or --apply overwrite")
        }
        let report = try context.ask(self) { () throws(LabFailure) in
            try context.lab.reapply(tail.node, rule ?? .skip)
        }
        let table = SalvageTable(report.tail)
        return Reply(
            lines: conflicts(report, table, rule) + written(report, context, since: before),
            json: [.members(table.members + report.members)])
    }

    /// The conflicts, and who won.
    private func conflicts(
        _ report: ReapplyReport, _ table: SalvageTable, _ rule: ConflictRule?
    ) -> [String] {
        let conflicts = report.tail.conflicts
        guard let rule, !conflicts.isEmpty else { return [] }
        let count = CountText.of(conflicts.count, "conflict")
        let winner =
            switch rule {
            case .skip: "left as \(report.tail.primary) has it"
            case .overwrite: "written over with what \(report.tail.node) has"
            }
        return ["\(count), \(winner):"] + table.rows(conflicts)
    }

    private func written(
        _ report: ReapplyReport, _ context: CommandContext, since before: Standing
    ) -> [String] {
        let (node, primary) = (report.tail.node, report.tail.primary)
        guard let commit = report.commit else {
            let why =
                report.tail.keys.isEmpty
                ? "\(node) has no commit that \(primary) does not have"
                : report.tail.conflicts.isEmpty
                    ? "\(primary) has the same of every key already"
                    : "\(primary) lacks no other key of \(node)"
            return ["nothing was written: \(why)"] + context.events()
        }
        let keys = CountText.of(report.written.count, "key")
        return ["\(keys) of \(node) written to \(primary) in one transaction"]
            + context.committed(commit.lsn, on: primary, since: before)
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? {
        if case .isPrimary(let name) = failure {
            let other = general.standing.snapshot.nodes.first { $0.name != name }?.name
            return Failure(
                "\(name) is the primary; what it lacks is on the disks of others",
                advice: other.map { "salvage \($0)" } ?? "lost")
        }
        if case .transactionIsOpen(let node) = failure {
            return Failure(
                "a transaction is open on \(node), and salvage needs one of its own",
                advice: "commit, or rollback")
        }
        return general.onWrite(failure)
    }
}

extension SalvageCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        node = try arguments.node("NODE")
        let rule = arguments.choice("CONFLICTS", of: ConflictRule.self)
        guard arguments["APPLY"] != nil else {
            guard let rule, let word = arguments["CONFLICTS"] else { return }
            throw Fault(
                .unfit(
                    "\(rule.rawValue) says what to do with conflicts when the keys are written",
                    advice: "salvage \(try arguments.word("NODE").text) --apply \(rule.rawValue)"),
                at: word)
        }
        wish = .apply(rule)
    }
}

extension ReapplyReport {
    fileprivate var members: [(String, JSONValue)] {
        [
            ("written", .int(written.count)), ("lsn", .optional(commit?.lsn.description)),
            ("acked_at", commit?.acknowledgedAt.json ?? .null),
        ]
    }
}
