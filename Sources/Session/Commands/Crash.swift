internal import Cluster
internal import CommandLanguage
internal import JSON
internal import Storage
internal import WALFormat

extension Session {
    /// `crash`: power loss, and what was on the wires.
    func crash(
        _ node: NodeReference, _ wire: WireFate, _ disk: UnsyncedFate?
    ) throws(Failure) -> Reply {
        let before = look()
        let name = before.name(node)
        let command = Command.crash(node: node, wire: wire, disk: disk)
        let report = try ask(command) { () throws(LabFailure) in
            try lab.crash(name, deliversWire: wire == .deliver, survival: disk?.survival)
        }
        if !report.wasInBackup { memory.wentDown(name, at: report.flush) }
        return Reply(
            lines: report.lines + consequences(since: before), json: [report.json])
    }
}

extension UnsyncedFate {
    fileprivate var survival: Survival {
        switch self {
        case .nothing: .nothing
        case .everything: .everything
        case .prefix: .prefix
        case .sectors: .sectors
        }
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
