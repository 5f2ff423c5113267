import DatabaseNode
import LabClock
import Replication
import Storage
import WALFormat

// The old primary comes back as a replica, with nothing but its own log.
extension Lab {
    /// Starts a primary that is down as a replica: its log ends where another's goes on, so nothing
    /// is copied. PostgreSQL: `standby.signal` and `primary_conninfo`, then a start.
    ///
    /// - Parameter upstream: nil: the present primary.
    /// - Throws: `.cannotFollow` when its log holds WAL that the upstream's never had; `.isPrimary`
    ///   when nobody has taken over from it.
    package func rejoin(
        _ node: String, to upstream: String? = nil
    ) throws(LabFailure) -> RejoinReport {
        let (chosen, theirs) = try onLoop { cluster throws(LabFailure) in
            let chosen = upstream ?? cluster.primary.name
            try cluster.checkMayRejoin(node, chosen, isChosen: upstream != nil)
            return (chosen, try cluster.node(chosen).seen?.log?.lineage)
        }
        if let theirs, let refusal = try log(of: node).extent.refusal(by: theirs) {
            throw .cannotFollow(node, upstream: chosen, refusal)
        }
        let opened = try openAsStandby(node)
        try onLoop { cluster throws(LabFailure) in
            try cluster.node(node).upstream = chosen
            cluster.forgetRefusal(of: node)
            try cluster.start(node, opened)
        }
        settle()
        return try onLoop { cluster throws(LabFailure) in
            RejoinReport(
                node: node, upstream: chosen, recovery: opened.recovered.report,
                fate: try cluster.node(node).fate(under: cluster.node(up: chosen)))
        }
    }

    /// What cannot be opened so is left as it was.
    private func openAsStandby(_ node: String) throws(LabFailure) -> OpenedDirectory {
        let setting = StandbySignal(try fileSystem(of: node))
        do throws(OpenFailure) {
            try setting.set()
        } catch {
            throw .cannotOpen(node: node, error)
        }
        let time = LabTime.postgres(now)
        do throws(LabFailure) {
            return try open(node, at: time)
        } catch {
            try? setting.takeBack()
            throw error
        }
    }
}

extension Cluster {
    /// Whether a node is down and was a primary, and may come back under another.
    fileprivate func checkMayRejoin(
        _ name: String, _ upstream: String, isChosen: Bool
    ) throws(LabFailure) {
        let node = try node(name)
        _ = try self.node(upstream)
        if let seeding = node.seeding { throw .isSeeding(name, source: seeding.place.source) }
        guard node.process == nil else { throw .isUp(name) }
        try node.checkHasPower()
        guard isChosen || node !== primary else { throw .isPrimary(name) }
        let chain = chain(from: upstream)
        if let index = chain.firstIndex(of: name) {
            throw .wouldFollowItself(name, through: Array(chain[..<index]))
        }
    }
}
