import DatabaseNode
import LabClock
import Storage
import WALFormat

/// What is known before a promotion, for what it is to be held against.
struct PromotionEve {
    let oldPrimary: String
    let standing: Standing
    let ledger: ClientLedger
    let atDeath: LossBounds.Distance?
    let seenByMonitor: LossBounds.Distance?
}

extension Cluster {
    /// The promotions there were.
    struct Timelines {
        /// Where each timeline began.
        var forks = TimelineForks()
        /// The promotions, in their order.
        var failovers: [Failover] = []
        /// The primary that died last, and what had not come to each replica then; nil: it is up.
        var death: (primary: String, distances: [String: LossBounds.Distance])?
        /// What each promotion was said to cost, and did.
        var costs: [PromotionCost] = []
        /// A promotion that failed may have begun it, or not: no other may.
        var claimed = Timeline.first
    }
}

// What promotions lose, and what could have been known of it.
extension Cluster {
    /// The primary is about to go down.
    func noteDeath(of name: String) {
        noteSilence(of: name)
        guard name == primary.name, primary.process != nil else { return }
        timelines.death = (name, distances)
    }

    /// What has not come to each replica of the primary's log.
    private var distances: [String: LossBounds.Distance] {
        let standing = standing
        guard let end = standing.end else { return [:] }
        return standing.replicas.reduce(into: [:]) { distances, node in
            guard let has = node.has, standing.relation(of: node) == .together else { return }
            let come = (try? member(node.name))?.receivedLSN ?? has.log.end
            distances[node.name] = LossBounds.Distance(
                bytes: max(0, end.log.end - come),
                commits: max(0, end.commits - (node.receivedCommits ?? has.commits)))
        }
    }

    /// How things stand before a node is promoted.
    func eve(ofPromoting name: String) -> PromotionEve {
        let old = primary.name
        let death = timelines.death.flatMap { $0.primary == old ? $0.distances : nil }
        let watch = monitor.watch.flatMap { $0.node.name == old ? $0 : nil }
        let lag = watch?.lag.first { $0.replica == name }?.byteCount
        return PromotionEve(
            oldPrimary: old, standing: standing, ledger: ledger,
            atDeath: (death ?? distances)[name],
            seenByMonitor: lag.map { LossBounds.Distance(bytes: $0, commits: nil) })
    }

    /// A promotion has become durable: it is one of those there were.
    func note(promoted name: String, after eve: PromotionEve) {
        guard let process = node(up: name) else { return }
        let end = eve.standing.end
        let lost = end.map { distance(from: process.logExtent, to: $0) }
        timelines.failovers.append(
            Failover(
                node: name, timeline: process.database.timeline, at: now,
                oldPrimary: eve.oldPrimary, left: end?.log.endPosition,
                bounds: LossBounds(
                    lost: lost, atDeath: eve.atDeath, seenByMonitor: eve.seenByMonitor)))
        let cost = PromotionCost(
            of: name, before: eve.standing, eve.ledger, log: process.logExtent,
            logLost: lost?.commits)
        if let cost { timelines.costs.append(cost) }
    }

    private func distance(
        from log: LogExtent, to other: LabSnapshot.Holding
    ) -> LossBounds.Distance {
        guard let next = log.parting(from: other.log) else {
            return LossBounds.Distance(bytes: 0, commits: 0)
        }
        return LossBounds.Distance(
            bytes: other.log.end - log.sharedEnd(with: other.log),
            commits: timelines.forks[next].map { max(0, other.commits - $0.commits) })
    }
}
