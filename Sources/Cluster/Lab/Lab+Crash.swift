package import DatabaseNode
package import Storage
import WALFormat

// Power loss: at once, or when a commit has come so far.
extension Lab {
    /// Cuts a node's power, and darkens the zone around it: what its wires hold goes with it,
    /// unless `deliversWire`.
    ///
    /// - Parameter survival: what a memory disk keeps of the writes that were not synced; nil:
    ///   nothing. A disk that keeps them all cannot be asked (`.diskKeepsEverything`).
    package func crash(
        _ node: String, deliversWire: Bool, survival: Survival? = nil
    ) throws(LabFailure) -> CrashReport {
        let seed = seed
        let report = try onLoop { cluster throws(LabFailure) in
            try cluster.crash(node, deliversWire: deliversWire, survival: survival, seed: seed)
        }
        settle()
        return report
    }

    /// Has a node lose power as soon as its next commit has come so far.
    ///
    /// - A primary's `receive`, `persist` and `apply` are those of the replica that is first.
    /// - Parameter stage: nil: that is taken back.
    package func crash(
        _ node: String, after stage: CommitStage?, deliversWire: Bool, survival: Survival? = nil
    ) throws(LabFailure) {
        let seed = seed
        try onLoop { cluster throws(LabFailure) in
            let process = try cluster.process(of: node)
            guard let stage else {
                guard cluster.commitWalk?.node == node else { throw .noCommitIsWatched }
                return cluster.endCommitWalk()
            }
            if let walk = cluster.commitWalk { throw .commitIsWatched(node: walk.node) }
            guard !process.isInRecovery || !stage.isOnPrimary else { throw .isReplica(node) }
            guard survival == nil || cluster.node(keeping: node) else {
                throw .diskKeepsEverything(node)
            }
            cluster.watchCommit(of: node, until: stage) { cluster, commit in
                let report = try? cluster.crash(
                    node, deliversWire: deliversWire, survival: survival, seed: seed)
                if let report { cluster.tell(of: node, report, after: stage, of: commit) }
            }
        }
    }
}

extension Cluster {
    /// Power loss, and what it took; see `Lab.crash`.
    func crash(
        _ name: String, deliversWire: Bool, survival: Survival?, seed: UInt64
    ) throws(LabFailure) -> CrashReport {
        let known = try node(name)
        let isInBackup = known.seeding != nil
        guard isInBackup || known.process != nil else { throw .isDown(name, known.state) }
        let flush = known.process?.flushLSN ?? .invalid
        let unsynced = known.storage.unsyncedByteCount
        guard unsynced != nil || survival == nil else { throw .diskKeepsEverything(name) }
        let onWire = walOnWires(of: name).map {
            CrashReport.WireLoss(
                replica: $0.replica, byteCount: $0.byteCount, isDelivered: deliversWire)
        }
        try losePower(
            name, deliversWire: deliversWire, survival: survival ?? .nothing,
            seed: seed &+ UInt64(flush.rawValue))
        return CrashReport(
            node: name, flush: flush, lostOnWire: onWire,
            unsynced: unsynced.map { .init(byteCount: $0, survival: survival) },
            wasInBackup: isInBackup)
    }

    /// Whether a node's disk forgets what was not synced.
    fileprivate func node(keeping name: String) -> Bool {
        (try? node(name))?.storage.unsyncedByteCount != nil
    }

    /// The WAL between what a node has sent to each replica and what that has received.
    private func walOnWires(of name: String) -> [(replica: String, byteCount: Int)] {
        guard let sent = node(up: name)?.sentPositions else { return [] }
        return sent.sorted { $0.key < $1.key }.compactMap { replica, position in
            guard let received = (try? member(replica))?.receivedLSN else { return nil }
            return position > received ? (replica, position - received) : nil
        }
    }
}
