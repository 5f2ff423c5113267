package import LabClock
package import WALFormat

/// Picks the node that answers a read.
///
/// Pure: it is told how the nodes stand, and says whom to ask. It knows nothing of what the ledger
/// knows: a replica whose link is cut streams for it until one of the ends has found out.
///
/// - Positions are compared along a lineage only: a replica has a commit when its own log, as far
///   as it is replayed, goes through it.
/// - Every policy has a turn of its own, so that what one sends does not move another's.
package struct ReadRouter: Hashable, Sendable {
    /// A node as a router sees it. A real one asks for `pg_last_wal_replay_lsn()`.
    package struct Candidate: Hashable, Sendable {
        package let name: String
        /// It takes queries.
        package let answers: Bool
        /// It is a replica to which the primary's log flows, as far as it knows itself.
        package let streams: Bool
        /// The log as far as its readers see it; of a node that is down, all that it had.
        package let shown: LogExtent?

        package init(_ name: String, answers: Bool, streams: Bool, shown: LogExtent?) {
            self.name = name
            self.answers = answers
            self.streams = streams
            self.shown = shown
        }

        fileprivate func has(_ token: ReadToken) -> Bool {
            shown?.contains(token.position) ?? false
        }
    }

    /// How the nodes stand at one instant.
    package struct Nodes: Hashable, Sendable {
        package let primary: Candidate
        /// In the lab's order.
        package let replicas: [Candidate]
        package let instant: LabInstant

        package init(primary: Candidate, replicas: [Candidate], at instant: LabInstant) {
            self.primary = primary
            self.replicas = replicas
            self.instant = instant
        }
    }

    /// Whom to ask.
    package enum Choice: Hashable, Sendable {
        case ask(String, ReadReason)
        /// Nobody yet; at this instant at the latest there is another answer.
        case wait(until: LabInstant)
        /// Only the primary would do, and it does not answer.
        case needsPrimary
    }

    /// Whose turn was last.
    private var turns: [ReadPolicy: String] = [:]

    package init() {}

    /// Whom to ask for a read that came in at `asked`; the token is of the reader's own last write,
    /// if it has written.
    package mutating func choice(
        _ policy: ReadPolicy, _ token: ReadToken?, asked: LabInstant, among nodes: Nodes
    ) -> Choice {
        switch policy {
        case .node(let name): return .ask(name, .named)
        case .primary: return .ask(nodes.primary.name, .named)
        case .any: return any(policy, nodes)
        case .sticky(let length):
            guard let age = token.map({ nodes.instant.since($0.acknowledgedAt) }), age <= length
            else { return any(policy, nodes) }
            return .ask(nodes.primary.name, .recentWrite(age: age))
        case .token(let wait):
            guard let token else { return any(policy, nodes) }
            return having(token, policy, asked, asked.advanced(by: wait), nodes)
        }
    }

    private mutating func any(_ policy: ReadPolicy, _ nodes: Nodes) -> Choice {
        if let name = turn(policy, nodes.replicas.filter(\.streams)) { return .ask(name, .turn) }
        if nodes.primary.answers { return .ask(nodes.primary.name, .noReplicaStreams) }
        if let name = turn(policy, nodes.replicas.filter(\.answers)) {
            return .ask(name, .onlyReplicasAnswer)
        }
        return .needsPrimary
    }

    private mutating func having(
        _ token: ReadToken, _ policy: ReadPolicy, _ asked: LabInstant, _ end: LabInstant,
        _ nodes: Nodes
    ) -> Choice {
        let waited = nodes.instant.since(asked)
        let having = nodes.replicas.filter { $0.answers && $0.has(token) }
        let streaming = having.filter(\.streams)
        // One that does not stream has the write all the same; it is asked last, for its age.
        if let name = turn(policy, streaming)
            ?? (nodes.primary.answers ? nil : turn(policy, having))
        {
            return .ask(name, .hasToken(token, waited: waited))
        }
        let isLost = nodes.primary.shown.map { !$0.lineage.includes(token.position) } ?? false
        let mayCome = !isLost && nodes.replicas.contains(where: \.answers)
        if mayCome, nodes.instant < end { return .wait(until: end) }
        guard nodes.primary.answers else { return .needsPrimary }
        return .ask(
            nodes.primary.name,
            isLost ? .tokenIsLost(token) : .tokenNotReached(token, waited: waited))
    }

    /// The next in turn.
    private mutating func turn(_ policy: ReadPolicy, _ candidates: [Candidate]) -> String? {
        let last = turns[policy]
        let names = candidates.map(\.name)
        let after = last.flatMap { last in names.firstIndex { Self.order(last) < Self.order($0) } }
        let next = after.map { names[$0] } ?? names.first
        if let next { turns[policy] = next }
        return next
    }

    /// The lab's order of names: r2 before r10.
    private static func order(_ name: String) -> (Int, String) { (name.utf8.count, name) }
}
