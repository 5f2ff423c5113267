internal import Cluster
internal import CommandLanguage
internal import DatabaseNode
internal import JSON
internal import WALFormat
internal import WireProtocol

/// `slot`: makes a replication slot, removes one, or has a replica stream with one.
struct SlotCommand: LabCommand {
    /// What is done.
    enum Act: Hashable {
        /// From now on the node keeps WAL for whoever will use the slot.
        case create(String, on: NodeReference?)
        /// The promise is off.
        case drop(String, on: NodeReference?)
        /// A replica streams with a slot of its upstream's; nil: without one.
        case use(String?, by: NodeReference)
    }

    let act: Act

    private enum Word: String, CaseIterable {
        case create, drop, use
    }

    /// The name of no slot, in `slot use none r1`.
    private static let noSlot = "none"
    private static let words = Word.allCases.map { Alternative($0.rawValue) }

    static let spec = CommandSpec(
        "slot", .replicas,
        [
            CommandParameter("ACTION", .oneOf(words)), CommandParameter("NAME", .slot),
            CommandParameter("NODE", .node, .optional),
        ],
        summary: "make, remove or use a replication slot",
        details: """
            create: the node, or the primary, keeps its WAL from its last checkpoint on, until \
            the slot's user has confirmed it.
            use: the replica NODE streams with the slot NAME of its upstream, which then \
            follows what it has on disk (primary_slot_name). 'slot use none r1': without one.
            drop: the WAL goes at the next checkpoint. A slot that nobody uses keeps WAL until \
            the disk is full, unless max_slot_wal_keep_size says how much is enough.
            """,
        example: "slot create r1", seeAlso: ["slots", "config", "checkpoint"], changesState: true,
        triedWords: ["pg_create_physical_replication_slot", "primary_slot_name", "pin"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        switch act {
        case .create(let name, let node): try create(name, node, context)
        case .drop(let name, let node): try drop(name, node, context)
        case .use(let name, let node): try use(name, node, context)
        }
    }

    private func create(
        _ name: String, _ node: NodeReference?, _ context: CommandContext
    ) throws(Failure) -> Reply {
        let target = context.look().name(node ?? .primary)
        try context.ask(self) { () throws(LabFailure) in
            try context.lab.createSlot(name, on: target)
        }
        let restart = context.lab.slot(name, on: target)?.restart
        let from = restart.map { " from \($0) on" } ?? ""
        return Reply(
            lines: ["slot \(name): \(target) keeps its WAL\(from) for whoever uses it"]
                + unused(name, on: target, context.look()) + context.events(),
            json: [
                [
                    "slot": .string(name), "node": .string(target),
                    "restart_lsn": .optional(restart?.description),
                ]
            ])
    }

    private func drop(
        _ name: String, _ node: NodeReference?, _ context: CommandContext
    ) throws(Failure) -> Reply {
        let target = context.look().name(node ?? .primary)
        try context.ask(self) { () throws(LabFailure) in
            try context.lab.dropSlot(name, on: target)
        }
        return Reply(
            lines: ["slot \(name) is gone; \(target) keeps no WAL for it any more"]
                + context.events(),
            json: [["slot": .string(name), "node": .string(target), "dropped": true]])
    }

    private func use(
        _ name: String?, _ node: NodeReference, _ context: CommandContext
    ) throws(Failure) -> Reply {
        let before = context.look()
        let replica = before.name(node)
        try context.ask(self) { () throws(LabFailure) in
            try context.lab.useSlot(name, on: replica)
        }
        let upstream = before.upstream(of: replica)
        let isCut = context.look().snapshot[replica]?.link?.isCut ?? false
        let sentence =
            name.map { "\(replica) uses slot \($0) of \(upstream)" }
            ?? "\(replica) uses no slot any more"
        return Reply(
            lines: [sentence + (isCut ? ", as soon as it can connect" : "")]
                + context.consequences(since: before) { $0.isAboutReceiving(on: replica) },
            json: [
                [
                    "replica": .string(replica), "upstream": .string(upstream),
                    "slot": .optional(name),
                ]
            ])
    }

    /// Nobody uses it before a replica is told to.
    private func unused(_ name: String, on node: String, _ now: Standing) -> [String] {
        let followers = now.followers.filter { $0.role == .standby(upstream: node) }
        guard !followers.contains(where: { $0.slot == name }) else { return [] }
        let follower = followers.first { $0.name == name } ?? followers.first
        return follower.map { ["nobody uses it yet: slot use \(name) \($0.name)"] } ?? []
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? {
        if case .use(let slot, _) = act, case .isPrimary(let name) = failure {
            return Failure(
                "\(name) is a primary, and uses nobody's slot",
                advice: general.replica.map { "slot use \(slot ?? Self.noSlot) \($0)" } ?? "status")
        }
        if case .drop(let slot, _) = act, case .server(let node, let error) = failure,
            error.code == .objectInUse
        {
            return general.server(node, error, refusal: general.slotInUse(node, slot, error))
        }
        return nil
    }
}

extension SlotCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        let name = try arguments.text("NAME")
        switch try arguments.word("ACTION", of: Word.self) {
        case .create: act = .create(name, on: try arguments.optionalNode("NODE"))
        case .drop: act = .drop(name, on: try arguments.optionalNode("NODE"))
        case .use:
            act = .use(name == Self.noSlot ? nil : name, by: try arguments.node("NODE"))
        }
    }
}

extension Lab {
    fileprivate func slot(_ name: String, on node: String) -> SlotView? {
        retention().first { $0.node == node }?.slots.first { $0.name == name }
    }
}
