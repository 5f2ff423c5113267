internal import Cluster
internal import CommandLanguage
internal import JSON
internal import LabClock
internal import WALFormat

/// `load`: writes `prefix:1 = 1` and on, many commits, each its own; with `byteCount` the values
/// are padded to so many bytes. With a mix, users write a key each, and there are reads too.
struct LoadCommand: LabCommand {
    let count: Int
    let interval: LabInterval?
    let prefix: String
    let byteCount: Int?
    var mix: LoadMix?

    /// How many commits one `load` may make.
    private static let limits = 1...10_000_000
    /// How long the values may be: they fit on a page.
    private static let valueLimits = 1...8_000
    /// What is put before the colon of the keys when nothing else is asked for.
    private static let defaultPrefix = "k"

    static let spec = CommandSpec(
        "load", .write,
        [
            CommandParameter("N", .number, .optional),
            CommandParameter("BYTES", .number, .keyword("of")),
            CommandParameter("D", .interval, .keyword("every")),
            CommandParameter("PREFIX", .free, .keyword("as")),
        ] + LoadMix.parameters,
        summary: "write N keys, each its own commit",
        details: """
            Writes PREFIX:1 = 1, PREFIX:2 = 2 and on (the prefix is k unless given). With \
            'every D' one commit starts each D of lab time, and 'every 1s/15' is exactly \
            fifteen a second; without it all happen at one instant. With 'of 7000' each value \
            is padded to 7000 bytes, so that 150 of them fill a segment of the log. This is \
            the chapter's TPS: commits a second times lag is what a crash can cost.
            With reads=R there are reads too: 'load reads=60 writes=12 every 100ms via=any,token' \
            has 10 users (users=), who write a key each, PREFIX:1 and on, in turn, one each D. \
            The reads come at an even pace, the last one D after the last write: a user who has \
            written reads the own key, or another's. Each read is asked for by every policy of \
            via= ('help read'), so that all see the same moments; a table counts what they met.
            """,
        example: "load 12 every 66ms as pay", seeAlso: ["set", "read", "lost"],
        changesState: true,
        triedWords: ["fill", "generate", "seed", "bench", "pgbench"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        try context.checkHeartbeats(within: interval?.offset(ofEvent: count).duration ?? .zero)
        let before = context.look()
        if let mix { return try run(mix, before, context) }
        let report = try context.ask(self) { () throws(LabFailure) in
            try context.lab.load(
                count, prefix: prefix, byteCount: byteCount ?? 0, on: before.snapshot.primary,
                offset: offset)
        }
        noteKeys(report.acknowledged, context)
        if let failure = report.failure {
            throw halfDone(context.explain(failure, of: self), report)
        }
        return Reply(
            lines: [report.line] + context.consequences(since: before), json: [report.json])
    }

    /// When a write begins after the first.
    @Sendable private func offset(ofEvent number: Int) -> Duration {
        interval?.offset(ofEvent: number).duration ?? .zero
    }

    private func run(
        _ mix: LoadMix, _ before: Standing, _ context: CommandContext
    ) throws(Failure) -> Reply {
        let (span, reads) = (offset(ofEvent: count > 0 ? count : mix.reads), mix.reads)
        let load = MixedLoad(
            writes: count, reads: reads, users: mix.users, prefix: prefix,
            byteCount: byteCount ?? 0, policies: mix.policies, writeOffset: offset,
            readOffset: { reads > 0 ? span * ($0 + 1) / reads : .zero })
        let report = try context.ask(self) { () throws(LabFailure) in
            try context.lab.load(load, on: before.snapshot.primary)
        }
        noteKeys(min(report.writes.acknowledged, mix.users), context)
        if let failure = report.failure {
            throw halfDone(context.explain(failure, of: self), report, mix)
        }
        let table = ReadTable(counts: report.reads)
        return Reply(
            lines: (count > 0 ? [report.writes.line] : [])
                + (mix.reads > 0 ? table.lines : []) + context.consequences(since: before),
            json: [
                .members(
                    report.writes.members + [
                        ("reads", .int(report.asked)), ("policies", .array(table.json)),
                    ])
            ])
    }

    private func halfDone(_ why: Failure, _ report: MixedReport, _ mix: LoadMix) -> Failure {
        let done = "\(report.writes.acknowledged) of \(Words.commits(count))"
        let reads = "\(report.asked) of \(CountText.of(mix.reads, "read"))"
        return Failure("\(why.message): \(done), \(reads)", advice: why.advice ?? "status")
    }

    private func noteKeys(_ count: Int, _ context: CommandContext) {
        for number in 1...max(1, min(count, 100)) { context.note(key: "\(prefix):\(number)") }
    }

    /// It did not come to its end.
    private func halfDone(_ why: Failure, _ report: LoadReport) -> Failure {
        let done = "\(report.acknowledged) of \(Words.commits(count)) acknowledged"
        return Failure("\(why.message): \(done)", advice: why.advice ?? "status")
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? {
        guard case .transactionIsOpen(let node) = failure else { return general.onWrite(failure) }
        return Failure(
            "a transaction is open on \(node), and load makes commits of its own",
            advice: "commit, or rollback")
    }
}

extension LoadCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        count = try LoadMix.writes(arguments, Self.limits)
        mix = try LoadMix(arguments, writes: count)
        if count == 0, mix == nil, let word = arguments["WRITES"] {
            throw Fault(.badCount(word.text, limits: Self.limits), at: word)
        }
        interval = try arguments.optionalInterval("D")
        let events =
            count > 0 ? Words.commits(count) : CountText.of(mix?.reads ?? 0, "read")
        if let interval, let word = arguments["D"],
            interval.offset(ofEvent: count > 0 ? count : mix?.reads ?? 0) > .longest
        {
            throw Fault(
                .unfit(
                    "\(events) every \(TimeText.interval(interval)) take longer than a year",
                    advice: "a smaller count or a shorter interval, such as: load 12 every 66ms"),
                at: word)
        }
        prefix = arguments["PREFIX"] == nil ? Self.defaultPrefix : try arguments.key("PREFIX")
        byteCount = try arguments.optionalCount("BYTES", Self.valueLimits)
    }
}

extension LoadReport {
    fileprivate var line: String {
        var parts = ["\(Words.commits(acknowledged)) acknowledged"]
        if let firstAcknowledged, let lastAcknowledged {
            parts.append(
                firstAcknowledged == lastAcknowledged
                    ? "all at \(firstAcknowledged.text)"
                    : "\(firstAcknowledged.text) to \(lastAcknowledged.text)")
        }
        if let firstLSN, let lastLSN {
            parts.append(
                firstLSN == lastLSN ? "lsn \(lastLSN)" : "lsn \(firstLSN) to \(lastLSN)")
        }
        return parts.joined(separator: ", ")
    }

    fileprivate var json: JSONValue { .members(members) }

    fileprivate var members: [(String, JSONValue)] {
        [
            ("node", .string(node)), ("asked", .int(asked)), ("acknowledged", .int(acknowledged)),
            ("first_lsn", .optional(firstLSN?.description)),
            ("last_lsn", .optional(lastLSN?.description)),
            ("first_acked_at", .optional(firstAcknowledged?.text)),
            ("last_acked_at", .optional(lastAcknowledged?.text)),
        ]
    }
}
