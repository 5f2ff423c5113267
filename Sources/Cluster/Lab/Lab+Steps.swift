import DatabaseNode
import LabClock
import Network
import Replication
import WALFormat

// One commit, stage by stage.
extension Lab {
    /// Writes one key on the primary, and stops it when its record is in the WAL buffer.
    package func beginSteps(_ key: String, _ value: String) throws(LabFailure) -> StepReport {
        let began = try onLoop { cluster throws(LabFailure) in
            let name = cluster.primary.name
            _ = try cluster.process(of: name)
            if let open = cluster.openTransaction { throw .transactionIsOpen(node: open.node) }
            if let walk = cluster.commitWalk { throw .commitIsWatched(node: walk.node) }
            let walk = CommitWalk(cluster, of: name, isOnReplica: false, until: .insert)
            cluster.watch(walk)
            try cluster.write(key, value, on: name) { walk.answer = $0 }
            return cluster.now
        }
        let end = run { cluster in
            cluster.commitWalk.map { $0.hasStopped || $0.answer != nil } ?? true
        }
        return try stepReport(since: began, end)
    }

    /// Lets it go on to the next stage, and stops it there; behind the last everything goes on.
    package func step() throws(LabFailure) -> StepReport {
        let began = try onLoop { cluster throws(LabFailure) in
            guard let walk = cluster.commitWalk, walk.commit != nil else {
                throw .noCommitIsWatched
            }
            // A stage that nobody has reached in time is waited for again.
            guard walk.hasStopped, let next = walk.stage.next else { return cluster.now }
            let held = next == .send ? try cluster.receivers(of: walk.node) : []
            for name in walk.goOn(to: next, holding: held) { cluster.goOnFromWalk(name) }
            return cluster.now
        }
        let end = run { cluster in cluster.commitWalk?.hasStopped ?? true }
        return try stepReport(since: began, end)
    }

    private func stepReport(
        since began: LabInstant, _ end: Stepper.End
    ) throws(LabFailure) -> StepReport {
        let report = try onLoop { cluster throws(LabFailure) in
            guard let walk = cluster.commitWalk else { throw .noCommitIsWatched }
            guard let commit = walk.commit, walk.hasStopped else {
                if case .failure(let failure) = walk.answer {
                    cluster.endCommitWalk()
                    throw failure
                }
                throw end == .interrupted
                    ? .interrupted
                    : .tookTooLong(what: "the stage \(walk.stage.rawValue)", bound: Self.patience)
            }
            let told: StepReport.Told =
                switch walk.answer {
                case nil: .nothing
                case .success: .ok
                case .failure: .lost
                }
            let report = StepReport(
                node: walk.node, stage: walk.stage, commit: commit.lsn, stoppedOn: walk.stopped,
                told: told, took: cluster.now.since(began))
            if report.isOver { cluster.endCommitWalk() }
            return report
        }
        settle()
        return report
    }
}

extension Cluster {
    /// Who streams from a node and runs. If nobody does, the commit goes no further: nobody is
    /// stopped any more.
    fileprivate func receivers(of name: String) throws(LabFailure) -> [String] {
        let receivers = nodes.filter { node in
            node.role.upstream == name && !node.isFrozen
                && node.process?.standby?.receiver.isStreaming ?? false
        }
        guard receivers.isEmpty else { return receivers.map(\.name) }
        endCommitWalk()
        throw .noCommitIsWatched
    }
}
