import DatabaseNode
import LabClock
import Network
import Replication
package import WALFormat
package import WireProtocol

// The link of the PostgreSQL member, and the upstream it reaches by it.
extension Lab {
    /// Takes the faults off the PostgreSQL member's link, drops its connection with what the link
    /// held, and waits until it has come back and confirmed what its upstream has.
    ///
    /// - Throws: `.isDetached`; `.isConnected` when there is nothing to mend; `.upstreamIsDown`.
    package func reconnectPostgres() throws(LabFailure) -> PostgresReconnectReport {
        let began = try onLoop { cluster throws(LabFailure) in
            let postgres = try cluster.attached()
            let upstream = try cluster.node(postgres.upstream)
            guard upstream.process != nil else {
                throw .upstreamIsDown(
                    replica: postgres.name, upstream: upstream.name, upstream.state)
            }
            guard postgres.link.isCut || !postgres.isStreaming else {
                throw .isConnected(postgres.name)
            }
            let began = (
                replay: postgres.log.recordEnd, commits: postgres.log.replayedCommits,
                at: cluster.now
            )
            postgres.reconnect()
            _ = postgres.link.takeFaultsOff()
            return began
        }
        if run({ _ in .still }) == .interrupted { throw .interrupted }
        return try onLoop { cluster throws(LabFailure) in
            let postgres = try cluster.attached()
            return PostgresReconnectReport(
                node: postgres.name, upstream: postgres.upstream, askedFrom: postgres.streamStart,
                replayed: postgres.reported?.apply ?? .invalid,
                byteCount: max(0, postgres.log.recordEnd - began.replay),
                commitCount: postgres.log.replayedCommits - began.commits,
                isCaughtUp: postgres.isCaughtUp, refusal: postgres.refusal)
        }
    }

    /// The PostgreSQL member uses a slot of its upstream's, or none. It is started again for that,
    /// on the files it has. PostgreSQL: `primary_slot_name`.
    func usePostgresSlot(_ slot: String?) throws(LabFailure) {
        let name = try onLoop { cluster throws(LabFailure) in
            let postgres = try cluster.attached()
            if let slot, let slots = cluster.postgresUpstream?.slots, slots[slot] == nil {
                throw .noSuchSlot(slot, node: postgres.upstream)
            }
            return postgres.name
        }
        suspendPostgres()
        onLoop { $0.postgres?.slot = slot }
        try launchPostgres(name)
    }

    /// The PostgreSQL member streams from another node, from now on.
    func followPostgres(_ upstream: String) throws(LabFailure) -> FollowReport {
        let old = try onLoop { cluster throws(LabFailure) in
            let postgres = try cluster.attached()
            _ = try cluster.node(upstream)
            let old = postgres.upstream
            guard old != upstream else {
                throw .followsAlready(postgres.name, upstream: upstream)
            }
            postgres.follow(upstream)
            return old
        }
        settle()
        return try onLoop { cluster throws(LabFailure) in
            let postgres = try cluster.attached()
            return FollowReport(
                replica: postgres.name, oldUpstream: old, upstream: upstream,
                fate: postgres.fate(under: cluster.postgresUpstream))
        }
    }
}

extension Cluster {
    /// The upstream of the PostgreSQL member, while that is up.
    var postgresUpstream: NodeProcess? { postgres.flatMap { node(up: $0.upstream) } }

    /// The PostgreSQL member, or `.isDetached`.
    func attached() throws(LabFailure) -> PostgresMember {
        guard let postgres else { throw .isDetached(postgresName ?? Lab.postgresName) }
        return postgres
    }
}

/// What became of `reconnect` of a PostgreSQL member.
package struct PostgresReconnectReport: Hashable, Sendable {
    /// The PostgreSQL member.
    package let node: String
    /// The node it follows.
    package let upstream: String
    /// Where it asked its stream to begin: PostgreSQL asks for the whole segment again.
    package let askedFrom: LSN?
    /// It has replayed up to here.
    package let replayed: LSN
    /// Bytes of whole records that it did not have before.
    package let byteCount: Int
    /// Commits that it did not have before.
    package let commitCount: Int
    /// Whether it has confirmed all that its link has let through.
    package let isCaughtUp: Bool
    /// What its upstream has against its stream.
    package let refusal: ServerError?
}
