internal import Cluster
internal import CommandLanguage
internal import JSON
internal import Storage
internal import WALFormat

/// `crash`: power loss, and what was on the wires.
struct CrashCommand: LabCommand {
    /// What becomes of the bytes that a crashed node's links still hold.
    enum WireFate: String, CaseIterable {
        /// They are lost with the node: the zone went dark. The default.
        case drop
        /// They arrive: only the node died, the network did not.
        case deliver
    }

    let node: NodeReference
    var wire = WireFate.drop
    /// What is left of the writes that were not synced; nil: the disk's default.
    var disk: Survival?

    static let spec = CommandSpec(
        "crash", .failure,
        [
            .node,
            CommandParameter(
                "WIRE", .choice, .option("wire", choices: WireFate.allCases.map(\.rawValue))),
            CommandParameter(
                "KEPT", .choice,
                .option("disk", choices: Survival.allCases.map(\.rawValue))),
        ],
        summary: "cut a node's power",
        details: """
            The zone goes dark: memory is gone, the disk keeps what was synced, and bytes \
            still on the node's links go with it. With wire=deliver only the node dies and \
            those bytes still arrive. In a lab started with --memory, disk= says what is left \
            of the writes that were not synced: nothing, everything, those up to some instant \
            (prefix), or some of their sectors.
            """,
        example: "crash primary", seeAlso: ["stop", "restart", "promote"], changesState: true,
        triedWords: ["kill", "poweroff", "die", "fail"])

    func run(in context: CommandContext) throws(Failure) -> Reply {
        let before = context.look()
        let name = before.name(node)
        let report = try context.ask(self) { () throws(LabFailure) in
            try context.lab.crash(name, deliversWire: wire == .deliver, survival: disk)
        }
        return Reply(
            lines: report.lines + context.consequences(since: before), json: [report.json])
    }

    func advice(on failure: LabFailure, _ general: FailureText) -> Failure? {
        general.onShutdown(failure)
    }
}

extension CrashCommand {
    init(_ arguments: BoundArguments) throws(Fault) {
        node = try arguments.node("NODE")
        wire = arguments.choice("WIRE", of: WireFate.self) ?? .drop
        disk = arguments.choice("KEPT", of: Survival.self)
    }
}

extension Survival {
    /// What became of bytes that were not synced.
    fileprivate var clause: String {
        switch self {
        case .nothing: "were not synced: none survives"
        case .everything: "were not synced: all survive"
        case .prefix: "were not synced: those before some instant survive"
        case .sectors: "were not synced: some sectors survive"
        }
    }
}

extension CrashReport {
    fileprivate var lines: [String] {
        [
            wasInBackup
                ? "\(node) lost power in the middle of its base backup"
                : "\(node) lost power; its disk holds WAL up to \(flush)"
        ] + unsyncedLines
            + lostOnWire.filter { $0.byteCount > 0 }.map { loss in
                let bytes = "\(CountText.bytes(loss.byteCount)) of WAL on the wire to "
                return bytes + loss.replica
                    + (loss.isDelivered ? " will still arrive" : " died with it")
            }
    }

    /// Only where there was something to lose, or somebody asked.
    private var unsyncedLines: [String] {
        guard let unsynced, let survival = unsynced.survival else { return [] }
        guard unsynced.byteCount > 0 else { return ["nothing on its disk was unsynced"] }
        let bytes = CountText.bytes(unsynced.byteCount)
        return ["\(bytes) on its disk \(survival.clause)"]
    }

    fileprivate var json: JSONValue {
        [
            "node": .string(node),
            "flush_lsn": wasInBackup ? .null : .string(flush.description),
            "unsynced_bytes": unsynced.map { .int($0.byteCount) } ?? .null,
            "wires": .array(
                lostOnWire.map {
                    [
                        "replica": .string($0.replica), "bytes": .int($0.byteCount),
                        "delivered": .bool($0.isDelivered),
                    ]
                }),
        ]
    }
}
