internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import JSON
internal import LabClock

/// `slow`: what a node's own work takes in lab time: its replay, and its fsync.
struct SlowCommand: LabCommand {
    /// Whose; nil: everybody's, to look at.
    let node: NodeReference?
    var apply: ReplayCost?
    var fsync: LabDuration?

    /// The longest that one piece of work may take.
    private static let longest = LabDuration(milliseconds: 3_600_000)

    static let spec = CommandSpec(
        "slow", .failure,
        [
            .optionalNode,
            CommandParameter("COST", .free, .assigned("apply", example: "0.2ms")),
            CommandParameter("TIME", .duration, .assigned("fsync", example: "5ms")),
        ],
        summary: "make replay or fsync take lab time",
        details: """
            A node's own work takes no lab time unless you say so. 'slow r1 apply=0.2ms' makes \
            r1 replay one record in 0.2 ms, 'slow r1 apply=20ms/MB' so many bytes: what was \
            received and flushed there is replayed later, and when the primary writes faster \
            than that, the replica falls behind for good. 'slow p fsync=5ms' makes each fsync \
            take 5 ms: commits that meanwhile wait share the next one. 'apply=0' and 'fsync=0' \
            take it off; recovery at a restart takes no time.
            Alone it shows what takes how long.
            """,
        example: "slow r1 apply=0.2ms", seeAlso: ["lag", "disk"], changesState: true,
        triedWords: ["throttle", "cost", "pace"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        guard let node else { return show(before.snapshot.nodes, context) }
        let name = before.name(node)
        guard apply != nil || fsync != nil else {
            return show(before.snapshot.nodes.filter { $0.name == name }, context)
        }
        try context.ask(self) { () throws(LabFailure) in
            try context.lab.changeCosts(of: name) { [apply, fsync] costs in
                costs.apply = apply ?? costs.apply
                costs.fsync = fsync?.duration ?? costs.fsync
            }
        }
        let now = context.look()
        guard let changed = now.snapshot[name] else { return Reply(lines: [], json: []) }
        return Reply(
            lines: sentences(of: changed) + context.consequences(since: before),
            json: [changed.costsJSON])
    }

    private func show(_ nodes: [LabSnapshot.Node], _ context: CommandContext) -> Reply {
        let slow = nodes.filter { $0.costs != .none }
        let lines = slow.flatMap(\.costLines)
        let names = nodes.count == 1 ? "\(nodes[0].name)'s work" : "no node's work"
        let none = nodes.count == 1 ? "\(names) takes no lab time" : "\(names) takes lab time"
        return Reply(
            lines: context.events() + (lines.isEmpty ? [none] : lines),
            json: [["nodes": .array(nodes.map(\.costsJSON))]])
    }

    /// What was asked for, as it is now.
    private func sentences(of node: LabSnapshot.Node) -> [String] {
        (apply == nil ? [] : [node.applyLine]) + (fsync == nil ? [] : [node.fsyncLine])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? { nil }
}

extension SlowCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        node = try arguments.optionalNode("NODE")
        fsync = arguments["TIME"] == nil ? nil : try arguments.duration("TIME")
        if let fsync, fsync > Self.longest, let word = arguments["TIME"] {
            throw Fault(.unfit("no fsync takes that long", advice: "1h or less"), at: word)
        }
        if let word = arguments["COST"] { apply = try Self.cost(word) }
        guard node == nil, let word = arguments["COST"] ?? arguments["TIME"] else { return }
        throw Fault(
            .unfit("it takes a node to be slow", advice: "slow r1 apply=0.2ms"), at: word)
    }

    /// `0.2ms` a record, or `20ms/MB`.
    private static func cost(_ word: Word) throws(Fault) -> ReplayCost {
        let perMegabyte = "/MB"
        let isPerMegabyte = word.text.hasSuffix(perMegabyte)
        let text =
            isPerMegabyte ? String(word.text.dropLast(perMegabyte.count)) : word.text
        let time: LabDuration
        do throws(DurationError) { time = try LabDuration(parsing: text) } catch {
            throw Fault(.badDuration(error), at: word)
        }
        guard time <= longest else {
            throw Fault(.unfit("no replay takes that long", advice: "1h or less"), at: word)
        }
        var cost = ReplayCost.none
        if isPerMegabyte { cost.megabyte = time.duration } else { cost.record = time.duration }
        return cost
    }
}

extension LabSnapshot.Node {
    fileprivate var costLines: [String] {
        (costs.apply == .none ? [] : [applyLine]) + (costs.fsync == .zero ? [] : [fsyncLine])
    }

    fileprivate var applyLine: String {
        let verb = isStandby ? "replays" : "is the primary; as a replica it replays"
        let pieces = [
            (costs.apply.record, "a record"), (costs.apply.megabyte, "a megabyte of WAL"),
        ]
        let slow = pieces.filter { $0.0 > .zero }.map { "\($0.1) in \($0.0.text)" }
        return slow.isEmpty
            ? "\(name) \(verb) at once" : "\(name) \(verb) \(slow.joined(separator: ", "))"
    }

    fileprivate var fsyncLine: String {
        costs.fsync > .zero
            ? "each fsync of \(name) takes \(costs.fsync.text)"
            : "an fsync of \(name) takes no lab time"
    }

    fileprivate var costsJSON: JSONValue {
        [
            "node": .string(name), "apply_ms": costs.apply.record.jsonMilliseconds,
            "apply_mb_ms": costs.apply.megabyte.jsonMilliseconds,
            "fsync_ms": costs.fsync.jsonMilliseconds,
        ]
    }
}
