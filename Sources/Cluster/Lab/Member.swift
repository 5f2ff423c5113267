import DatabaseNode
import LabClock
import Network
import Replication
import WALFormat

/// One server of the cluster: a node of the lab's own, or a real PostgreSQL that follows one.
///
/// What both have is asked for here, so that whoever looks after links, slots, positions and who
/// follows whom need not know which it is. A node is looked into; of a PostgreSQL there is only
/// what it has confirmed at its own end of its link.
enum Member {
    case node(Node)
    case postgres(PostgresMember)

    var name: String {
        switch self {
        case .node(let node): node.name
        case .postgres(let postgres): postgres.name
        }
    }

    /// The node it follows, or did when it went down; nil for a primary.
    var upstream: String? {
        switch self {
        case .node(let node): node.role.upstream
        case .postgres(let postgres): postgres.upstream
        }
    }

    /// How it reaches its upstream; nil for a primary.
    var link: Link? {
        switch self {
        case .node(let node): node.link
        case .postgres(let postgres): postgres.link
        }
    }

    /// The upstream's slot that it uses. PostgreSQL: `primary_slot_name`.
    var slot: String? {
        switch self {
        case .node(let node): node.slotName
        case .postgres(let postgres): postgres.slot
        }
    }

    var isRunning: Bool {
        switch self {
        case .node(let node): node.process != nil
        case .postgres(let postgres): postgres.isRunning
        }
    }

    var state: NodeState {
        switch self {
        case .node(let node): node.state
        case .postgres(let postgres): postgres.isRunning ? .up : .stopped
        }
    }

    /// The end of the WAL that has come to it; nil when it is no standby, or down.
    var receivedLSN: LSN? {
        switch self {
        case .node(let node): node.process?.standby?.receiver.receivedLSN
        case .postgres(let postgres): postgres.log.delivered
        }
    }

    /// The end of the WAL that is durable there; nil when it is no standby, or down.
    var flushLSN: LSN? {
        switch self {
        case .node(let node): node.process?.standby?.receiver.flushLSN
        case .postgres(let postgres): postgres.flushLSN
        }
    }

    /// The port to connect to; nil when nobody listens there.
    var openPort: Int? {
        switch self {
        case .node(let node): node.openPort
        case .postgres(let postgres): postgres.openPort
        }
    }

    /// Whether it can follow an upstream: nil is one that is down.
    func fate(under upstream: NodeProcess?) -> PromotionReport.Fate {
        switch self {
        case .node(let node): node.fate(under: upstream)
        case .postgres(let postgres): postgres.fate(under: upstream)
        }
    }

    func snapshot(
        under upstream: NodeProcess?, _ forks: TimelineForks, at instant: LabInstant
    ) -> LabSnapshot.Node {
        switch self {
        case .node(let node): node.snapshot(at: instant)
        case .postgres(let postgres): postgres.snapshot(under: upstream, forks, at: instant)
        }
    }
}

extension Cluster {
    /// The nodes in the lab's order, and then the PostgreSQL that follows one of them.
    var members: [Member] { nodes.map(Member.node) + (postgres.map { [.postgres($0)] } ?? []) }

    /// A member by its name, or `.isDetached`, `.noSuchNode`.
    func member(_ name: String) throws(LabFailure) -> Member {
        if let member = members.first(where: { $0.name == name }) { return member }
        throw name == postgresName ? .isDetached(name) : .noSuchNode(name)
    }

    /// The members that follow a node.
    func followers(of name: String) -> [Member] { members.filter { $0.upstream == name } }
}
