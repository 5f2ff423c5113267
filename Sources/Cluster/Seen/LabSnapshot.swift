package import DatabaseNode
package import LabClock
package import Network
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
    /// From where on a replica is too far behind.
    package internal(set) var lagLimits = LagLimits()

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
        package internal(set) var state: NodeState
        /// Where it stands; nil when it is down.
        package let positions: NodePositions?
        /// A standby's own view of its upstream; nil for a primary and when down.
        package let reception: Reception?
        /// The link over which a standby reaches its upstream; nil for a primary.
        package let link: Link?
        /// The upstream's slot that a standby uses. PostgreSQL: `primary_slot_name`.
        package let slot: String?
        /// Where it stands, for people to read; nil: nobody has said.
        package var region: String?
        /// What its own work takes in lab time.
        package var costs = NodeCosts.none
        /// Who reads there from a snapshot; nil: nobody.
        package var readers: ReaderView?
        /// What its replay waits for; nil: for nothing but time.
        package var replayHold: ReplayHold?
        /// Bytes its disk has left; nil: there is no limit.
        package let room: Int?
        /// What the upstream has against a standby's stream; nil when it has nothing.
        package let refusal: ServerError?
        /// What the node believes of the replicas that stream from it, by name.
        package let senders: [SenderView]

        /// What it has of the primary's commits, step by step; nil for the primary itself, and when
        /// that is not known.
        package internal(set) var trail: Trail?
        /// Commits in what it has of the log, durable or not yet: those that its promotion keeps,
        /// which makes durable first what has come. Nil when it is down.
        package internal(set) var receivedCommits: Int?

        /// How far behind it has been; nil of one that is down, or whose log has parted.
        package internal(set) var past: LagHistory?

        /// OKs that it gave as an old primary, when another node had been promoted.
        package var zombieCount = 0

        /// What keeps it from writing; nil: nothing. Of a replica it is always nil.
        package var fencing: Fencing?

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

    /// The wire between a standby and its upstream.
    package struct Link: Hashable, Sendable {
        /// One way along it.
        package struct Way: Hashable, Sendable {
            /// What is wrong with it.
            package var faults = WireFaults.none
            /// What it holds.
            package var load = Network.Link.Load()

            package init() {}
        }

        /// From the upstream: the WAL.
        package var wal = Way()
        /// From the replica: its positions.
        package var feedback = Way()
        /// When it was like this.
        package let instant: LabInstant

        package init(at instant: LabInstant) { self.instant = instant }

        /// One way.
        package subscript(way: WireWay) -> Way {
            switch way {
            case .wal: wal
            case .feedback: feedback
            }
        }

        /// Whether nothing comes through now, in both ways or in one.
        package var isCut: Bool {
            WireWay.allCases.contains { self[$0].faults.isDown(at: instant) }
        }

        /// Whether it may keep bytes back for longer than they travel, now or later.
        package var isTroubled: Bool {
            WireWay.allCases.map { self[$0].faults }.contains {
                $0.isCut || $0.cutAfter != nil || $0.outage != nil || $0.isStalled
                    || $0.bandwidth != nil || $0.window != nil
            }
        }

        /// How long WAL travels, and that is all that is known of when it arrives.
        package var delay: Duration { wal.faults.delay }
    }
}
