package import DatabaseNode
import Network
import Replication
import Storage
import WALFormat
import WireProtocol

// Replication slots, and the WAL they keep.
extension Lab {
    /// The WAL that each running node keeps, in the lab's order.
    package func retention() -> [RetentionReport] {
        onLoop { cluster in
            cluster.nodes.compactMap { node in
                node.process.map {
                    $0.retentionReport(unprotected: cluster.unprotected(on: node.name, $0))
                }
            }
        }
    }

    /// Makes a slot on a node, which keeps WAL from the redo point of its last checkpoint on.
    /// PostgreSQL: `pg_create_physical_replication_slot(name, true)`.
    package func createSlot(_ name: String, on node: String) throws(LabFailure) {
        try ask(.create(name: name, isTemporary: false, reservesWAL: true), of: node)
        // A standby that was refused for want of it tries again all the time.
        onLoop { cluster in
            for case .postgres(let follower) in cluster.followers(of: node) {
                follower.waitAgain()
            }
        }
        settle()
    }

    /// Removes a slot that nobody uses. PostgreSQL: `pg_drop_replication_slot`.
    package func dropSlot(_ name: String, on node: String) throws(LabFailure) {
        try ask(.drop(name: name, waits: false), of: node)
    }

    private func ask(_ request: SlotRequest, of node: String) throws(LabFailure) {
        let pending = Pending<SlotAnswer>()
        try onLoop { cluster throws(LabFailure) in
            try cluster.process(of: node).perform(request) { pending.value = $0 }
        }
        let end = run { _ in pending.value != nil }
        settle()
        switch onLoop({ _ in pending.value }) {
        case .refused(let error): throw .server(node: node, error)
        case .done, .slot: return
        case nil:
            throw end == .interrupted
                ? .interrupted : .tookTooLong(what: "\(node)'s answer", bound: Self.patience)
        }
    }

    /// Makes a replica use a slot of its upstream's, or none; it connects anew for that, unless its
    /// link is cut. PostgreSQL: `primary_slot_name`.
    package func useSlot(_ name: String?, on replica: String) throws(LabFailure) {
        if replica == postgresName { return try usePostgresSlot(name) }
        try onLoop { cluster throws(LabFailure) in try cluster.useSlot(name, on: replica) }
        settle()
    }
}

extension Cluster {
    func useSlot(_ name: String?, on replica: String) throws(LabFailure) {
        let standby = try standby(replica)
        let node = try node(replica)
        guard let upstream = node.role.upstream else { throw .isPrimary(replica) }
        if let name, let slots = self.node(up: upstream)?.slots, slots[name] == nil {
            throw .noSuchSlot(name, node: upstream)
        }
        node.slotName = name
        standby.use(slot: name)
        forgetRefusal(of: replica)
        if node.link?.isCut != true { standby.connect() }
    }

    /// The replicas that follow a node without a slot, and whose WAL is gone or is to go.
    func unprotected(on upstream: String, _ process: NodeProcess)
        -> [RetentionReport.Unprotected]
    {
        let oldest = process.database.segmentSize.start(of: process.oldestSegment)
        let kept = process.retention.forecast.oldest
        return followers(of: upstream).compactMap { member in
            guard member.isRunning, let needs = member.flushLSN,
                process.slots[member.slot ?? ""]?.restartLSN == nil,
                needs < kept, needs < process.flushLSN
            else { return nil }
            return .init(replica: member.name, needs: needs, isGone: needs < oldest)
        }
    }
}
