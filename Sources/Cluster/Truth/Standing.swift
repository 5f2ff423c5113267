import DatabaseNode
import LabClock
package import WALFormat

/// How the nodes stand against the primary at one moment: the truth that no single node knows, and
/// that the prompt, JSON, lessons and every other picture of the lab read from here alone.
///
/// - The primary is the one that the word means, up or down; of a node that is down it counts what
///   was last seen of it.
/// - Logs are compared along their lineages. One that holds WAL which the primary's timeline never
///   had is no shorter than the primary's and no longer: it stands elsewhere.
/// - What it says a promotion would cost is what the next `promote` does.
package struct Standing: Hashable, Sendable {
    /// The lab at that moment.
    package let snapshot: LabSnapshot
    /// Where timelines began.
    package let forks: TimelineForks

    /// The truth of a moment.
    package init(_ snapshot: LabSnapshot, _ forks: TimelineForks) {
        self.snapshot = snapshot
        self.forks = forks
    }

    /// How far one replica is behind.
    package struct Lag: Hashable, Sendable {
        /// The primary's flush position less the replica's replay position.
        package let byteCount: Int
        /// Commits of the primary that the replica has not replayed.
        package let commits: Int
        /// The age of the oldest commit that is missing; 0 when none is, nil when it is not known.
        package let time: Duration?
        /// The age of the last commit replayed: PostgreSQL's
        /// `now() - pg_last_xact_replay_timestamp()`. It does not look whether any is missing.
        package let naiveTime: Duration?
    }

    /// How a node's log stands to the primary's.
    package enum Relation: Hashable, Sendable {
        /// One is a beginning of the other.
        case together
        /// It left it at `fork`, when there were so many commits; nil: that was not seen.
        case parted(at: LSN, commits: Int?)
    }

    /// The primary, up or down.
    package var primary: LabSnapshot.Node? { snapshot[snapshot.primary] }

    /// The primary's log; nil when it was never seen up.
    package var end: LabSnapshot.Holding? { primary?.has }

    /// Whether the primary runs.
    package var primaryIsUp: Bool { primary?.isRunning ?? false }

    /// Primaries other than the one the word means, that run.
    package var otherPrimaries: [LabSnapshot.Node] {
        snapshot.nodes.filter {
            !$0.isStandby && $0.name != snapshot.primary && $0.isRunning && $0.state != .frozen
                && !$0.takesNoWrites
        }
    }

    /// All nodes that follow another, or did when they went down.
    package var replicas: [LabSnapshot.Node] { snapshot.nodes.filter(\.isStandby) }

    /// The same and a real PostgreSQL, which cannot be promoted.
    package var followers: [LabSnapshot.Node] { snapshot.members.filter(\.isStandby) }

    /// How a node's log stands to the primary's; nil when one of them was never seen.
    package func relation(of node: LabSnapshot.Node) -> Relation? {
        guard let own = node.has, let end else { return nil }
        return relation(of: own.log, to: end.log)
    }

    private func relation(of log: LogExtent, to other: LogExtent) -> Relation {
        guard let next = log.parting(from: other) else { return .together }
        return .parted(at: log.sharedEnd(with: other), commits: forks[next]?.commits)
    }

    /// How far a replica is behind; nil when it is down or stands elsewhere.
    package func lag(of node: LabSnapshot.Node) -> Lag? {
        guard node.isStandby, node.isRunning, let positions = node.positions, let end,
            relation(of: node) == .together
        else { return nil }
        let behind = max(0, end.commits - positions.commits)
        let naive = positions.lastCommit.map { now.since($0) }
        return Lag(
            byteCount: max(0, end.log.end - positions.replay), commits: behind,
            time: behind == 0 ? .zero : node.trail?.age(at: now), naiveTime: naive)
    }

    /// Whether a node's own log holds everything up to a position.
    package func has(_ position: LogPosition, _ node: LabSnapshot.Node) -> Bool {
        node.isRunning && node.has?.log.contains(position) ?? false
    }

    /// Whether a node's log can go on as another's does: it holds nothing that is not on the
    /// other's lineage.
    package func canFollow(_ node: LabSnapshot.Node, _ other: String) -> Bool {
        guard let own = node.has?.log, let theirs = snapshot[other]?.has?.log else { return true }
        return theirs.lineage.includes(own.endPosition)
    }

    /// The node at the beginning of the chain that a replica follows.
    package func origin(of replica: String) -> String {
        var name = replica
        // No chain is longer than there are nodes.
        for _ in snapshot.nodes {
            guard case .standby(let upstream)? = snapshot[name]?.role else { break }
            name = upstream
        }
        return name
    }

    /// Now, to the microsecond, as PostgreSQL's clocks and COMMIT records have it.
    var now: LabInstant {
        LabInstant(nanoseconds: snapshot.time.nanoseconds / 1_000 * 1_000)
    }
}

// What the primary's end would cost.
extension Standing {
    /// A replica that can be promoted now.
    package struct Candidate: Hashable, Sendable {
        package let name: String
        /// Commits of the primary that it does not have; nil: that is not known.
        package let cost: Int?
        /// Its log has parted from the primary's.
        package let hasParted: Bool
    }

    /// A promotion needs room for the new timeline's first segment and some small files.
    private static let promotionByteCount = SegmentSize.oneMebibyte.byteCount + (16 << 10)

    /// The replicas that can be promoted now, in the lab's order: those that are up, with a disk
    /// that works and has room. One that has diverged can be promoted too, and has what it has.
    package var candidates: [Candidate] {
        guard let end else { return [] }
        return replicas.compactMap { node in
            guard node.state == .up, let positions = node.positions,
                node.room.map({ $0 >= Self.promotionByteCount }) ?? true
            else { return nil }
            switch relation(of: node) {
            case nil: return nil
            case .together?:
                let cost = max(0, end.commits - (node.receivedCommits ?? positions.commits))
                return Candidate(name: node.name, cost: cost, hasParted: false)
            case .parted(_, let commits)?:
                let cost = commits.map { max(0, end.commits - $0) }
                return Candidate(name: node.name, cost: cost, hasParted: true)
            }
        }
    }
}

extension LabSnapshot.Node {
    /// Whether it follows another node, or did.
    package var isStandby: Bool {
        switch role {
        case .primary: false
        case .standby: true
        }
    }

    /// Whether there is a process, with a working disk or not, stopped or not.
    package var isRunning: Bool {
        switch state {
        case .up, .full, .frozen, .failed: true
        case .seeding, .crashed, .stopped: false
        }
    }
}
