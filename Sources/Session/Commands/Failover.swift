internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import JSON

/// `failover`: steps 1 to 4 by a policy, or what the last failover took.
struct FailoverCommand: LabCommand {
    /// Nil: the last one is looked at.
    let policy: FailoverPolicy?

    private enum Word: String, CaseIterable {
        case auto, tuned, untuned
    }

    static let spec = CommandSpec(
        "failover", .failover,
        [
            CommandParameter(
                "POLICY", .oneOf(Word.allCases.map { Alternative($0.rawValue) }), .optional)
        ],
        summary: "fail over by a policy; what it took",
        details: """
            Alone it shows the last failover's budget: its phases in lab time, with the errors \
            and the OKs of a primary that was none any more (zombies) that clients met in each, \
            and the commits that were confirmed then and are lost.
            'failover auto' acts on the monitor's verdict, or waits until there must be one: it \
            turns the old primary's power off, promotes the replica that loses least, and \
            repoints the route, all at once. An answering primary it leaves alone.
            The others are drills, held against the chapter: the primary is killed, and each \
            step takes its time. 'tuned': a monitor of 3 x 1s, 5s to fence, 1.5s to promote, \
            over a vip. 'untuned': a monitor of 3 x 10s, a person who takes 2 minutes to come, \
            a name kept for 5 minutes. A route that you have chosen, and clients that write, \
            are kept; else 20 clients come.
            """,
        example: "failover auto", seeAlso: ["monitor", "promote", "route", "clients"],
        changesState: true, triedWords: ["budget", "rto", "drill"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        guard let policy else { return look(context) }
        try context.checkHeartbeats(within: Self.longest)
        let before = context.look()
        let report = try context.ask(self) { () throws(LabFailure) in
            try context.lab.drill(policy)
        }
        guard let promotion = report.promotion else {
            return Reply(
                lines: ["\(report.old) answers the monitor: nothing was done"]
                    + context.consequences(since: before),
                json: [["old": .string(report.old), "budget": .null]])
        }
        let rest = context.consequences(since: before) { $0.isToldByFailover }
        let table = BudgetTable(context.lab)
        let lines =
            report.acts.map(\.text) + rest + [LossTable(promotion.loss).verdict]
            + (table?.lines ?? []) + chapter(table, policy, context)
        return Reply(
            lines: lines,
            json: [["old": .string(report.old), "budget": table?.json ?? .null]])
    }

    /// No drill takes longer.
    private static let longest = Duration.seconds(3_600)

    private func chapter(
        _ table: BudgetTable?, _ policy: FailoverPolicy, _ context: CommandContext
    ) -> [String] {
        guard let table, let drill = policy.drill else { return [] }
        return [""]
            + ChapterBudget(
                budget: table.budget, route: context.lab.route.kind, claim: drill.claim,
                took: table.took
            ).lines
    }

    private func look(_ context: CommandContext) -> Reply {
        guard let table = BudgetTable(context.lab) else {
            return Reply(
                lines: ["there was no failover yet; failover tuned is a drill"]
                    + context.events(),
                json: [["budget": .null]])
        }
        return Reply(lines: context.events() + table.lines, json: [["budget": table.json]])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension FailoverCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        guard arguments["POLICY"] != nil else {
            policy = nil
            return
        }
        policy =
            switch try arguments.word("POLICY", of: Word.self) {
            case .auto: .auto
            case .tuned: .tuned
            case .untuned: .untuned
            }
    }
}

extension LabEvent {
    /// What the acts and the budget say.
    fileprivate var isToldByFailover: Bool {
        switch kind {
        case .monitor, .clients: true
        case .node(let said): if case .receiver(_) = said { true } else { false }
        case .recovered, .foundDamaged, .foundShort, .backup, .postgres, .lag, .read,
            .crashed:
            false
        }
    }
}
