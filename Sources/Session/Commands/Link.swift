internal import Cluster
internal import CommandLanguage
internal import JSON
internal import LabClock
internal import Network

/// `link`: shows the links, sets what is wrong with one, resets its connections.
struct LinkCommand: LabCommand {
    enum Wish: Hashable {
        case all
        case one(NodeReference)
        case set(NodeReference, [LinkChange], WireWay?)
        case reset(NodeReference)
    }

    let wish: Wish

    private enum Act: String, CaseIterable {
        case reset, stall
    }

    private enum WayWord: String, CaseIterable {
        case wal, feedback
    }

    static let spec = CommandSpec(
        "link", .network,
        [
            CommandParameter("REPLICA", .replica, .optional),
            CommandParameter(
                "ACT", .oneOf(Act.allCases.map { Alternative($0.rawValue) }), .further),
        ] + LinkChange.parameters + [
            CommandParameter(
                "WAY", .choice, .option("way", choices: WayWord.allCases.map(\.rawValue)))
        ],
        summary: "show the links, or set their faults",
        details: """
            Alone it shows each link, what is wrong with it, and the bytes on it. rtt is the time \
            there and back, half of it each way; delay is one way's. jitter is how much longer \
            bytes may travel, by the lab's seed. bandwidth is how fast the line takes bytes in; \
            window is how many bytes may be under way without having been acknowledged, so that \
            no more than one window comes through in a round trip, and at least 536. 'none' takes \
            a fault off: window=none. With way=wal or way=feedback only that way changes.
            'link r1 reset' resets the connection, as a firewall does: both ends see it at once, \
            and what was on the wire is lost. With 'link r1 stall' the far ends take nothing any \
            more: what is sent stays in its sender's socket. 'heal' takes everything off.
            """,
        example: "link r1 rtt=130ms bandwidth=10MB/s window=6MB",
        seeAlso: ["lag", "partition", "heal"], changesState: true,
        triedWords: ["links", "bandwidth", "rtt", "window", "jitter", "network", "tc"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        switch wish {
        case .all:
            let table = LinkTable(context.look())
            return Reply(
                lines: context.events() + table.lines, json: [["links": .array(table.json)]])
        case .one(let node): return try show(node, context)
        case .set(let node, let changes, let way):
            return try set(changes, node, way, context)
        case .reset(let node): return try reset(node, context)
        }
    }

    private func show(
        _ node: NodeReference, _ context: CommandContext
    ) throws(Failure) -> Reply {
        let standing = context.look()
        let replica = standing.name(node)
        try context.ask(self) { () throws(LabFailure) in
            guard let node = standing.snapshot[replica] else { throw .noSuchNode(replica) }
            guard node.link != nil else { throw .isPrimary(replica) }
        }
        let table = LinkTable(standing)
        return Reply(
            lines: context.events() + table.lines(of: replica),
            json: [["links": .array(table.json(of: replica))]])
    }

    private func set(
        _ changes: [LinkChange], _ node: NodeReference, _ way: WireWay?, _ context: CommandContext
    ) throws(Failure) -> Reply {
        let before = context.look()
        let replica = before.name(node)
        let ways = way.map { [$0] } ?? WireWay.allCases
        try context.ask(self) { () throws(LabFailure) in
            try context.lab.changeFaults(of: replica, ways) { wire, way in
                for change in changes { change.apply(to: &wire, way) }
            }
        }
        let after = context.look()
        let table = LinkTable(after)
        guard let link = after.snapshot[replica]?.link else { return Reply() }
        let lines =
            changes == [.stall]
            ? stallLines(replica, ways, context)
            : ways.map { table.sentence($0, of: replica, link[$0].faults) }
                + (ways.contains(.wal) ? link.ceiling.map { [$0] } ?? [] : [])
        return Reply(
            lines: lines + context.consequences(since: before),
            json: [["links": .array(table.json(of: replica))]])
    }

    private func stallLines(
        _ replica: String, _ ways: [WireWay], _ context: CommandContext
    ) -> [String] {
        let upstream = context.look().upstream(of: replica)
        let notices = Notices(context.lab)
        return ways.flatMap { way in
            let (far, near, ends) =
                switch way {
                case .wal: (replica, upstream, notices.receiver)
                case .feedback: (upstream, replica, notices.sender)
                }
            return [
                "\(far) takes nothing from \(near) any more: it stays in \(near)'s socket",
                "\(far) hears nothing, and \(ends)",
            ]
        }
    }

    private func reset(
        _ node: NodeReference, _ context: CommandContext
    ) throws(Failure) -> Reply {
        let before = context.look()
        let replica = before.name(node)
        let lost = try context.ask(self) { () throws(LabFailure) in
            try context.lab.resetLink(of: replica)
        }
        let upstream = before.upstream(of: replica)
        guard let lost else {
            throw Failure(
                "\(replica) has no connection to \(upstream) that could be reset",
                advice: "reconnect \(replica), or status")
        }
        let bytes = [(lost[.wal], replica), (lost[.feedback], upstream)].compactMap { count, end in
            (count ?? 0) > 0 ? "\(CountText.bytes(count ?? 0)) to \(end)" : nil
        }
        let died = bytes.isEmpty ? [] : ["lost on the wire: \(Words.list(bytes))"]
        return Reply(
            lines: ["the connection between \(upstream) and \(replica) is reset: both see it now"]
                + died + context.consequences(since: before),
            json: [
                [
                    "replica": .string(replica), "lost_wal_bytes": .int(lost[.wal] ?? 0),
                    "lost_feedback_bytes": .int(lost[.feedback] ?? 0),
                ]
            ])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? {
        guard case .isPrimary(let name) = failure else { return nil }
        return general.hasNoLink(name)
    }
}

extension LinkCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        let changes = try LinkChange.all(arguments)
        let way: WireWay? =
            switch arguments.choice("WAY", of: WayWord.self) {
            case .wal: .wal
            case .feedback: .feedback
            case nil: nil
            }
        guard !Self.spec.parameters.allSatisfy({ arguments[$0.name] == nil }) else {
            wish = .all
            return
        }
        let node = try arguments.node("REPLICA")
        let name = arguments["REPLICA"]?.text ?? ""
        guard let act = arguments["ACT"] else {
            if let word = arguments["WAY"], changes.isEmpty {
                throw Fault(
                    .unfit(
                        "way= says for which way faults hold, and there are none",
                        advice: "link \(name) delay=65ms way=\(word.text)"), at: word)
            }
            wish = changes.isEmpty ? .one(node) : .set(node, changes, way)
            return
        }
        let isReset = act.text == Act.reset.rawValue
        guard changes.isEmpty, !isReset || way == nil else {
            throw Fault(
                .unfit("\(act.text) goes alone", advice: "link \(name) \(act.text)"), at: act)
        }
        wish = isReset ? .reset(node) : .set(node, [.stall], way)
    }
}
