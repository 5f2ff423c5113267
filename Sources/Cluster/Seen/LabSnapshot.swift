public import DatabaseNode
public import LabClock
public import WALFormat
public import WireProtocol

/// The lab at one moment of stillness, as plain values: what the prompt shows is made from these.
///
/// Positions of a node are its own, read on the node; what an upstream believes of its replicas is
/// in `senders`, and the two may differ: that is what a lag is.
public struct LabSnapshot: Hashable, Sendable {
    /// The lab's time.
    public let time: LabInstant
    /// The node that the word `primary` means: of those in the role, the one on the newest
    /// timeline, up or down.
    public let primary: String
    /// The node on which the lab's client has a transaction open.
    public let openTransaction: String?
    /// Every node, in the lab's order: `p`, `r1`, `r2` and on.
    public let nodes: [Node]
    /// An unmodified PostgreSQL that follows one of them, by what it has confirmed. It is no part
    /// of the lab: it cannot be promoted there, so what it alone has counts as lost.
    public let foreign: Node?

    /// A node by its name, the outside one among them.
    public subscript(name: String) -> Node? { all.first { $0.name == name } }

    /// Every node, and then the outside one.
    public var all: [Node] { nodes + (foreign.map { [$0] } ?? []) }

    /// One node.
    public struct Node: Hashable, Sendable {
        /// Its name.
        public let name: String
        /// What it is, or was when it went down.
        public let role: Role
        /// Whether it runs.
        public let state: NodeState
        /// Where it stands; nil when it is down.
        public let positions: NodePositions?
        /// A standby's own view of its upstream; nil for a primary and when down.
        public let reception: Reception?
        /// The link over which a standby reaches its upstream; nil for a primary.
        public let link: Link?
        /// The upstream's slot that a standby uses. PostgreSQL: `primary_slot_name`.
        public let slot: String?
        /// Bytes its disk has left; nil: there is no limit.
        public let room: Int?
        /// What the upstream has against a standby's stream; nil when it has nothing.
        public let refusal: ServerError?
        /// What the node believes of the replicas that stream from it, by name.
        public let senders: [SenderView]

        /// Its log and the commits in it: its own, or of a node that is down, as it was last seen.
        public let has: Holding?

        /// Whether it runs, and can be stopped cleanly.
        public var isUp: Bool { state == .up || state == .full }
    }

    /// A log, and what is in it.
    public struct Holding: Hashable, Sendable {
        /// The log, as far as it is durable.
        public let log: LogExtent
        /// Commits in it.
        public let commits: Int
    }

    /// What a node does with the log.
    public enum Role: Hashable, Sendable {
        /// It writes the log.
        case primary
        /// It follows the log of another.
        case standby(upstream: String)
    }

    /// The wire between a standby and its upstream.
    public struct Link: Hashable, Sendable {
        /// Whether it is cut.
        public let isCut: Bool
        /// How long WAL travels.
        public let delay: Duration
        /// So many more bytes come through, by their way, until it is cut that way.
        public var allowances: [WireWay: Int] = [:]
    }
}
