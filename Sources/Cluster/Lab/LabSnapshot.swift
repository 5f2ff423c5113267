package import LabClock
package import Replication
package import WALFormat
package import WireProtocol

/// The lab at one moment of stillness, as plain values: what the prompt shows is made from these.
///
/// Positions of a node are its own, read on the node; what an upstream believes of its replicas is
/// in `senders`, and the two may differ: that is what a lag is.
package struct LabSnapshot: Hashable, Sendable {
    /// The lab's time.
    package let time: LabInstant
    /// The node that the word `primary` means: of those in the role, the one on the newest
    /// timeline, up or down.
    package let primary: String
    /// The node on which the lab's client has a transaction open.
    package let openTransaction: String?
    /// Every node, in the lab's order: `p`, `r1`, `r2` and on; and then the real PostgreSQL that
    /// follows one of them, while there is one.
    package let members: [Node]

    /// The lab's own nodes: those that can be promoted.
    package var nodes: [Node] { members.filter { $0.kind == .node } }

    /// A member by its name.
    package subscript(name: String) -> Node? { members.first { $0.name == name } }

    /// What a member is.
    package enum Kind: Hashable, Sendable {
        /// A node of the lab's own.
        case node
        /// An unmodified PostgreSQL, by what it has confirmed. It cannot be promoted, so what it
        /// alone has counts as lost.
        case postgres
    }

    /// One member.
    package struct Node: Hashable, Sendable {
        package let kind: Kind
        package let name: String
        /// What it is, or was when it went down.
        package let role: Role
        /// Whether it runs.
        package let state: State
        /// Where it stands; nil when it is down.
        package let positions: Positions?
        /// A standby's own view of its upstream; nil for a primary and when down.
        package let reception: Reception?
        /// The link over which a standby reaches its upstream; nil for a primary.
        package let link: Link?
        /// The upstream's slot that a standby uses. PostgreSQL: `primary_slot_name`.
        package let slot: String?
        /// Bytes its disk has left; nil: there is no limit.
        package let room: Int?
        /// What the upstream has against a standby's stream; nil when it has nothing.
        package let refusal: ServerError?
        /// What the node believes of the replicas that stream from it, by name.
        package let senders: [Sender]

        /// Its log and the commits in it: its own, or of a node that is down, as it was last seen.
        package let has: Holding?

        /// Whether it runs, and can be stopped cleanly.
        package var isUp: Bool { state == .up || state == .full }
    }

    /// A log, and what is in it.
    package struct Holding: Hashable, Sendable {
        /// The log, as far as it is durable.
        package let log: LogExtent
        /// Commits in it.
        package let commits: Int
    }

    /// What a node does with the log.
    package enum Role: Hashable, Sendable {
        /// It writes the log.
        case primary
        /// It follows the log of another.
        case standby(upstream: String)

        /// The node it follows; nil for a primary.
        package var upstream: String? {
            switch self {
            case .primary: nil
            case .standby(let upstream): upstream
            }
        }
    }

    /// Whether a node runs.
    package enum State: Hashable, Sendable {
        case up
        /// It runs, serves reads and takes no changes, because its disk is full.
        case full
        /// It does not run: a base backup is filling its directory.
        case seeding(SeedingProgress)
        /// Power loss.
        case crashed
        /// A clean shutdown.
        case stopped
        /// It runs, serves reads and acknowledges nothing, because its disk failed.
        case failed(reason: String)
    }

    /// How far a base backup has got on its way into a node's directory.
    package struct SeedingProgress: Hashable, Sendable {
        /// The node it comes from.
        package let source: String
        /// Bytes of the archive that have arrived.
        package let receivedByteCount: Int
        /// Bytes to expect, WAL aside; nil before the source has said so.
        package let expectedByteCount: Int?
    }

    /// A running node's positions (ends, last byte + 1), under PostgreSQL's names.
    package struct Positions: Hashable, Sendable {
        /// The timeline written or followed.
        package let timeline: Timeline
        /// A primary: the end of what was inserted. A standby: the end of what it has received.
        package let insert: LSN
        /// A standby: handed to its own kernel up to here. A primary: the same as `flush`.
        package let write: LSN
        /// Durable on its own disk up to here.
        package let flush: LSN
        /// A standby: replayed up to here. A primary: the same as `insert`.
        package let replay: LSN
        /// Transactions that have committed, as the node's tables have it.
        package let commits: Int
        /// The time in the last COMMIT it wrote or replayed since it started.
        package let lastCommit: LabInstant?
    }

    /// How a standby stands with its upstream.
    package enum Reception: Hashable, Sendable {
        /// A connection is being made.
        case connecting
        /// WAL flows, or would if there were any.
        case streaming
        /// It lost its upstream and tries again at this instant.
        case waiting(until: LabInstant)
        /// It cannot follow its upstream as that is; it tries again.
        case stopped(WALReceiver.Refusal)
    }

    /// The wire between a standby and its upstream.
    package struct Link: Hashable, Sendable {
        package let isCut: Bool
        /// How long WAL travels.
        package let delay: Duration
        /// So many more bytes come through, by their way, until it is cut that way.
        package var allowances: [WireWay: Int] = [:]
    }

    /// What an upstream believes of one replica. PostgreSQL: a row of `pg_stat_replication`.
    package struct Sender: Hashable, Sendable {
        /// The replica's `application_name`.
        package let name: String
        /// Handed to the socket up to here; nil before and after the stream.
        package let sent: LSN?
        /// The replica's last report; nil before there was one.
        package let write: LSN?
        /// The replica's last report of what is durable there.
        package let flush: LSN?
        /// The replica's last report of what is visible there.
        package let replay: LSN?
    }
}
