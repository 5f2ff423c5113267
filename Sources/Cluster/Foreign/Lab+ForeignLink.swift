import DatabaseNode
import LabClock
import Network
import Replication
public import WALFormat
public import WireProtocol

// The link of the outside standby, and whom it reaches by it.
extension Lab {
    /// Takes the faults off the outside standby's link, drops its connection with what the link
    /// held, and waits until it has come back and confirmed what its upstream has.
    ///
    /// - Throws: `.isDetached`; `.isConnected` when there is nothing to mend; `.upstreamIsDown`.
    public func reconnectForeign() throws(LabFailure) -> ForeignReconnectReport {
        let began = try onLoop { cluster throws(LabFailure) in
            let foreign = try cluster.attached()
            let upstream = try cluster.node(foreign.upstream)
            guard upstream.process != nil else {
                throw .upstreamIsDown(
                    replica: foreign.name, upstream: upstream.name, upstream.state)
            }
            guard foreign.link.isCut || !foreign.isStreaming else {
                throw .isConnected(foreign.name)
            }
            let began = (
                replay: foreign.log.recordEnd, commits: foreign.log.replayedCommits,
                at: cluster.now
            )
            foreign.reconnect()
            _ = foreign.link.takeFaultsOff()
            return began
        }
        if run({ _ in .still }) == .interrupted { throw .interrupted }
        return try onLoop { cluster throws(LabFailure) in
            let foreign = try cluster.attached()
            return ForeignReconnectReport(
                node: foreign.name, upstream: foreign.upstream, askedFrom: foreign.streamStart,
                replayed: foreign.reported?.apply ?? .invalid,
                byteCount: max(0, foreign.log.recordEnd - began.replay),
                commitCount: foreign.log.replayedCommits - began.commits,
                isCaughtUp: foreign.isCaughtUp, refusal: foreign.refusal)
        }
    }

    /// The outside standby uses a slot of its upstream's, or none. It is started again for that, on
    /// the files it has. PostgreSQL: `primary_slot_name`.
    func useForeignSlot(_ slot: String?) throws(LabFailure) {
        let name = try onLoop { cluster throws(LabFailure) in
            let foreign = try cluster.attached()
            if let slot, let slots = cluster.foreignUpstream?.slots, slots[slot] == nil {
                throw .noSuchSlot(slot, node: foreign.upstream)
            }
            return foreign.name
        }
        suspendForeign()
        onLoop { $0.foreign?.slot = slot }
        try launchForeign(name)
    }

    /// The outside standby streams from another node, from now on.
    func followForeign(_ upstream: String) throws(LabFailure) -> FollowReport {
        let old = try onLoop { cluster throws(LabFailure) in
            let foreign = try cluster.attached()
            _ = try cluster.node(upstream)
            let old = foreign.upstream
            guard old != upstream else {
                throw .followsAlready(foreign.name, upstream: upstream)
            }
            foreign.follow(upstream)
            return old
        }
        settle()
        return try onLoop { cluster throws(LabFailure) in
            let foreign = try cluster.attached()
            return FollowReport(
                replica: foreign.name, oldUpstream: old, upstream: upstream,
                fate: foreign.fate(under: cluster.foreignUpstream))
        }
    }
}

extension Cluster {
    /// Whether a name is the outside standby's, attached or not.
    func isForeign(_ name: String) -> Bool { name == foreignName }

    /// Whom the outside standby follows, while that is up.
    var foreignUpstream: NodeProcess? { foreign.flatMap { node(up: $0.upstream) } }

    /// The outside standby, or `.isDetached`.
    func attached() throws(LabFailure) -> ForeignStandby {
        guard let foreign else { throw .isDetached(foreignName ?? Lab.foreignName) }
        return foreign
    }
}

/// What became of `reconnect` of an outside standby.
public struct ForeignReconnectReport: Hashable, Sendable {
    /// The outside standby.
    public let node: String
    /// Whom it follows.
    public let upstream: String
    /// Where it asked its stream to begin: PostgreSQL asks for the whole segment again.
    public let askedFrom: LSN?
    /// It has replayed up to here.
    public let replayed: LSN
    /// Bytes of whole records that it did not have before.
    public let byteCount: Int
    /// Commits that it did not have before.
    public let commitCount: Int
    /// Whether it has confirmed all that its link has let through.
    public let isCaughtUp: Bool
    /// What its upstream has against its stream.
    public let refusal: ServerError?
}
