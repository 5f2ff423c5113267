internal import Cluster
internal import CommandLanguage
internal import JSON
internal import LabClock

/// `read`: a key, from the node that a policy picks, or a node for some time; alone: what became of
/// such reads so far.
struct ReadCommand: LabCommand {
    /// What is asked for.
    enum Wish: Hashable {
        case counts
        case held(HeldReadWish)
        case key(String, ReadPolicy, LabReader)
    }

    let wish: Wish

    private enum ReaderWord: String, CaseIterable {
        case writer, other
    }

    static let spec = CommandSpec(
        "read", .write,
        [
            .optionalNode, CommandParameter("KEY", .key, .optional), ReadPolicy.parameter,
            HeldReadWish.parameter,
            CommandParameter(
                "BY", .choice, .option("by", choices: ReaderWord.allCases.map(\.rawValue))),
        ],
        summary: "read a key where a policy says",
        details: """
            A router picks the node. 'any' (without via= too) is each replica that streams, in \
            turn. 'sticky:2s' is the primary until your last write is older than 2s, then any. \
            'token' hands the position of your last commit over: a replica that has replayed it \
            answers, or else the primary; 'token:500ms' waits so long for one first. 'primary', \
            or a node's name, is that node.
            The answer says who gave it and why, and whether it lacks a write that was confirmed: \
            a read is stale then, and misses your own write if you made it. With by=other \
            somebody reads who has written nothing.
            Alone it shows how often each policy met what. 'load reads=...' reads a great deal.
            'read r1 hold=30s' is another thing: a transaction of REPEATABLE READ on r1 that goes \
            on for 30 s of lab time and sees the table as it was. The replay of a vacuum waits \
            for it, up to max_standby_streaming_delay, and then cancels it.
            """,
        example: "read pay:7 via=sticky:2s", seeAlso: ["get", "load", "lag"], changesState: true,
        triedWords: ["router", "policy", "sticky", "token"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        switch wish {
        case .counts: return counts(context)
        case .held(let held): return try held.run(in: context, for: self)
        case .key(let key, let policy, let reader):
            return try read(key, policy, reader, context)
        }
    }

    private func counts(_ context: CommandContext) -> Reply {
        let table = ReadTable(counts: context.lab.readCounts)
        let held = context.lab.heldReads.map(\.line)
        let lines =
            table.counts.policies.isEmpty && held.isEmpty
            ? ["no read was left to a policy yet; try: \(Self.spec.example)"] : table.lines
        return Reply(
            lines: context.events() + held
                + (table.counts.policies.isEmpty && !held.isEmpty ? [] : lines),
            json: [["policies": .array(table.json)]])
    }

    private func read(
        _ key: String, _ policy: ReadPolicy, _ reader: LabReader, _ context: CommandContext
    ) throws(Failure) -> Reply {
        let before = context.look()
        let report = try context.ask(self) { () throws(LabFailure) in
            try context.lab.read(key, via: policy, by: reader)
        }
        context.note(key: key)
        let text = RoutedReadText(report: report, key: key, now: context.look().snapshot.time)
        guard report.waited > .zero else {
            return Reply(lines: text.lines + context.events(), json: [text.json])
        }
        return Reply(lines: text.lines + context.consequences(since: before), json: [text.json])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? {
        if case .held(let held) = wish { return held.advice(on: failure, general) }
        guard case .key(let key, _, _) = wish else { return nil }
        switch failure {
        case .isDown(let name, let state):
            let other = general.readable.map { "read \(Words.quoted(key, limit: .max)) via=\($0)" }
            return general.isDown(name, state, advice: other)
        case .isFrozen(let name):
            return Failure(
                "\(name) is frozen, and only the primary would do", advice: "thaw \(name)")
        default: return nil
        }
    }
}

extension ReadCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        if let held = try HeldReadWish(arguments) {
            wish = .held(held)
            return
        }
        if let word = arguments["NODE"] {
            throw Fault(
                .unfit(
                    "a read of one node is a get, or lasts for some time",
                    advice: "get \(word.text) pay:7, or read \(word.text) hold=30s"), at: word)
        }
        let policies = try ReadPolicy.all(arguments)
        let reader: LabReader =
            switch arguments.choice("BY", of: ReaderWord.self) {
            case .writer, nil: .writer
            case .other: .other
            }
        guard arguments["KEY"] != nil else {
            if let word = arguments["BY"] ?? arguments[ReadPolicy.parameter.name] {
                throw Fault(
                    .unfit(
                        "there is no key to read", advice: "\(Self.spec.example), or read alone"),
                    at: word)
            }
            wish = .counts
            return
        }
        if policies.count > 1, let word = arguments[ReadPolicy.parameter.name] {
            throw Fault(
                .unfit(
                    "one read is left to one policy",
                    advice: "load reads=10 writes=10 every 100ms via=\(word.text)"), at: word)
        }
        wish = .key(try arguments.key("KEY"), policies.first ?? .any, reader)
    }
}
