internal import Cluster
internal import CommandLanguage
internal import LabClock
internal import Replication
internal import WALFormat

/// How the replicas stand against the primary at one moment: the truth that no single node knows.
///
/// - The primary's end is its own word, or while it is down what was last seen of it.
/// - A replica that holds WAL the primary's timeline never had has no lag: it stands elsewhere.
struct Standing {
    /// The lab at that moment.
    let snapshot: LabSnapshot
    /// How far the primary's log goes; nil when it was never seen up.
    let end: Memory.End?
    /// The node on which the lab's client has a transaction open.
    var transaction: String? { snapshot.openTransaction }
    /// Where the primary's timeline began, if that was seen.
    private let fork: LSN?

    init(_ snapshot: LabSnapshot, _ memory: Memory) {
        self.snapshot = snapshot
        end = memory.end(of: snapshot.primary)
        fork = end.flatMap { memory.fork(of: $0.timeline) }
    }

    /// How far one replica is behind.
    struct Lag: Hashable {
        /// The primary's flush position less the replica's replay position.
        let byteCount: Int
        /// Commits of the primary that the replica has not replayed.
        let commits: Int
        /// The age of the last commit replayed; 0 when none is missing, nil when it is not known.
        let time: Duration?
        /// The same without looking whether any commit is missing: PostgreSQL's
        /// `now() - pg_last_xact_replay_timestamp()`.
        let naiveTime: Duration?
    }

    /// The node a word means now.
    func name(_ reference: NodeReference) -> String {
        switch reference {
        case .primary: snapshot.primary
        case .named(let name): name
        }
    }

    /// The primary, up or down.
    var primary: LabSnapshot.Node? { snapshot[snapshot.primary] }

    /// Whether the primary runs.
    var primaryIsUp: Bool { primary?.isRunning ?? false }

    /// All nodes that follow another, or did when they went down.
    var replicas: [LabSnapshot.Node] { snapshot.nodes.filter(\.isStandby) }

    /// The same and the outside standby, which cannot be promoted.
    var followersShown: [LabSnapshot.Node] { snapshot.all.filter(\.isStandby) }

    /// The running replicas whose log is a beginning of the primary's.
    var followers: [LabSnapshot.Node] { replicas.filter(isOnLineage) }

    /// How far a replica is behind; nil when it is down or stands elsewhere.
    func lag(of node: LabSnapshot.Node) -> Lag? {
        guard isOnLineage(node), let positions = node.positions, let end else { return nil }
        let behind = max(0, end.commits - positions.commits)
        let naive = positions.lastCommit.map { now.since($0) }
        return Lag(
            byteCount: max(0, end.flush - positions.replay), commits: behind,
            time: behind == 0 ? .zero : naive, naiveTime: naive)
    }

    /// The node at the beginning of the chain that a replica follows.
    func origin(of replica: String) -> String {
        var name = replica
        // No chain is longer than there are nodes.
        for _ in snapshot.nodes {
            guard case .standby(let upstream)? = snapshot[name]?.role else { break }
            name = upstream
        }
        return name
    }

    /// Why a replica will never follow its upstream; nil when it does or may.
    func refusal(of replica: String) -> WALReceiver.Refusal? {
        guard case .stopped(let refusal) = snapshot[replica]?.reception else { return nil }
        return refusal
    }

    /// Primaries other than the one the word means, that run.
    var otherPrimaries: [LabSnapshot.Node] {
        snapshot.nodes.filter {
            !$0.isStandby && $0.name != snapshot.primary && $0.isRunning
        }
    }

    /// Now, to the microsecond, as PostgreSQL's clocks and COMMIT records have it.
    private var now: LabInstant {
        LabInstant(nanoseconds: snapshot.time.nanoseconds / 1_000 * 1_000)
    }

    private func isOnLineage(_ node: LabSnapshot.Node) -> Bool {
        guard node.isStandby, node.isRunning, let positions = node.positions else { return false }
        guard refusal(of: node.name) == nil else { return false }
        guard let fork, let end, positions.timeline < end.timeline else { return true }
        return positions.flush <= fork
    }
}

extension LabSnapshot.Node {
    /// Whether it follows another node, or did.
    var isStandby: Bool {
        switch role {
        case .primary: false
        case .standby: true
        }
    }

    /// Whether it answers, with a working disk or not.
    var isRunning: Bool {
        switch state {
        case .up, .failed: true
        case .seeding, .crashed, .stopped: false
        }
    }
}
