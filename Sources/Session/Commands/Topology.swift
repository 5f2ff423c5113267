internal import Cluster
internal import CommandLanguage
internal import JSON
internal import LabClock
internal import Network

/// `topology`: shows who follows whom over which distance, or lays the nodes out as in the chapter.
struct TopologyCommand: LabCommand {
    /// Nil: it is only shown.
    let plan: Topology?

    private enum Word: String, CaseIterable {
        case threeRegion = "three-region"
    }

    static let spec = CommandSpec(
        "topology", .network,
        [
            CommandParameter(
                "PLAN", .oneOf(Word.allCases.map { Alternative($0.rawValue) }), .optional)
        ],
        summary: "show the layout, or take the chapter's",
        details: """
            Alone it shows where each node stands, whom it follows, and the round trip between \
            them. 'topology three-region' is the chapter's example: the primary and r1 and r2 in \
            three zones of Mumbai, 1 to 2 ms apart, and r3 in Dublin, 130 ms away and back. It \
            sets the delays of the links, both ways, as 'link r3 rtt=130ms' does. It needs three \
            replicas: start with --replicas 3.
            """,
        example: "topology", seeAlso: ["link", "lag", "follow"], changesState: true,
        triedWords: ["regions", "layout", "map", "zones"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        if let plan {
            try context.ask(self) { () throws(LabFailure) in try context.lab.lay(out: plan) }
        }
        let now = context.look().snapshot
        let rest = plan == nil ? context.events() : context.consequences(since: before)
        return Reply(
            lines: Self.table(now) + rest,
            json: [["nodes": .array(now.members.map(\.topologyJSON))]])
    }

    private static func table(_ snapshot: LabSnapshot) -> [String] {
        var table = TextTable([
            .text("node"), .text("region"), .text("follows"), .number("round trip"),
        ])
        let (shown, folded) = FoldedNames.split(snapshot.members) {
            $0.region == nil && $0.isNear(snapshot.primary) ? $0.name : nil
        }
        for node in shown {
            table.append([
                node.name, node.region ?? "-", node.role.upstream ?? "-",
                node.roundTripText ?? "-",
            ])
        }
        guard !folded.isEmpty else { return table.lines }
        let verb = Words.verb(folded.count, "follows", "follow")
        return table.lines + ["\(Words.list(folded)) \(verb) \(snapshot.primary), at no distance"]
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? {
        guard case .noSuchNode(let name) = failure, let plan else { return nil }
        return Failure(
            "\(plan.name) needs \(CountText.of(plan.places.count, "replica")), and there is no "
                + name,
            advice: "quit, then: shiplog --replicas \(plan.places.count)")
    }
}

extension TopologyCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        guard arguments["PLAN"] != nil else {
            plan = nil
            return
        }
        switch try arguments.word("PLAN", of: Word.self) {
        case .threeRegion: plan = .threeRegion
        }
    }
}

extension LabSnapshot.Node {
    /// How long there and back, at the least.
    private var roundTrip: Duration? { link.map { $0.wal.faults.delay + $0.feedback.faults.delay } }

    /// By how much more it may be.
    private var jitter: Duration {
        link.map { $0.wal.faults.jitter + $0.feedback.faults.jitter } ?? .zero
    }

    /// Whether it follows a node at no distance.
    fileprivate func isNear(_ primary: String) -> Bool {
        role.upstream == primary && roundTrip == .zero && jitter == .zero
    }

    /// `130ms`, or `1ms to 2ms`.
    fileprivate var roundTripText: String? {
        roundTrip.map { jitter > .zero ? "\($0.text) to \(($0 + jitter).text)" : $0.text }
    }

    fileprivate var topologyJSON: JSONValue {
        [
            "name": .string(name), "region": .optional(region),
            "upstream": .optional(role.upstream),
            "rtt_ms": roundTrip?.jsonMilliseconds ?? .null,
            "jitter_ms": link == nil ? .null : jitter.jsonMilliseconds,
        ]
    }
}
