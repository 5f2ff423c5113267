internal import Cluster
internal import CommandLanguage
internal import WALFormat

extension Session {
    /// `crash`: power loss, and what was on the wires.
    func crash(_ node: NodeReference, _ wire: WireFate) throws(Failure) -> Reply {
        let before = look()
        let name = before.name(node)
        let report = try ask(.crash(node: node, wire: wire)) { () throws(LabFailure) in
            try lab.crash(name, deliversWire: wire == .deliver)
        }
        memory.wentDown(name, at: report.flush)
        return Reply(
            lines: report.lines + consequences(since: before), json: [report.json])
    }
}

extension CrashReport {
    fileprivate var lines: [String] {
        ["\(node) lost power; its disk holds WAL up to \(flush)"]
            + lostOnWire.filter { $0.byteCount > 0 }.map { loss in
                let bytes = "\(CountText.bytes(loss.byteCount)) of WAL on the wire to "
                return bytes + loss.replica
                    + (loss.isDelivered ? " will still arrive" : " died with it")
            }
    }

    fileprivate var json: JSONValue {
        [
            "node": .string(node), "flush_lsn": .string(flush.description),
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
