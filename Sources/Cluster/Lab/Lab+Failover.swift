import DatabaseNode
import LabClock
import Network
import Replication
import Storage
import WALFormat

// Failover, and what it cost.
extension Lab {
    /// Makes a replica the primary: it replays what it has received, leaves its timeline for a new
    /// one, and takes writes. The other replicas are pointed at it. PostgreSQL: `pg_ctl promote`.
    ///
    /// - Parameter repointsRoute: false: clients go on going where they went (`repointRoute`).
    /// - Throws: `.promotionFailed`: nobody was pointed anywhere.
    package func promote(
        _ replica: String, repointsRoute: Bool = true
    ) throws(LabFailure) -> PromotionReport {
        let pending = Pending<NodeProcess.PromotionEnd>()
        let eve = try onLoop { cluster throws(LabFailure) in
            _ = try cluster.standby(replica)
            let eve = cluster.eve(ofPromoting: replica)
            try cluster.process(of: replica).promote(after: cluster.newestTimeline) {
                pending.value = $0
            }
            return eve
        }
        let end = run(until: { _ in pending.value != nil })
        if onLoop({ _ in pending.value == nil }) {
            // It waits for a replay, which would go on behind the command's back.
            onLoop { cluster in cluster.node(up: replica)?.giveUpPromotion() }
            settle()
        }
        switch onLoop({ _ in pending.value }) {
        case .success: break
        case .failure where end == .interrupted: throw .interrupted
        case .failure(let failure):
            onLoop { cluster in cluster.claim(failure.standing) }
            settle()
            throw .promotionFailed(node: replica, failure)
        case nil:
            throw end == .interrupted
                ? .interrupted
                : .tookTooLong(what: "the promotion of \(replica)", bound: Self.patience)
        }
        try onLoop { cluster throws(LabFailure) in
            try cluster.takeOver(replica, over: eve.oldPrimary, repointsRoute: repointsRoute)
            cluster.note(promoted: replica, after: eve)
        }
        settle()
        return try promotionReport(replica, after: eve.oldPrimary)
    }

    /// Whether it is a replica that is up.
    package func checkMayPromote(_ replica: String) throws(LabFailure) {
        try onLoop { cluster throws(LabFailure) in _ = try cluster.standby(replica) }
    }

    private func promotionReport(
        _ replica: String, after old: String
    ) throws(LabFailure) -> PromotionReport {
        let loss = try audit(replica)
        return try onLoop { cluster throws(LabFailure) in
            let process = try cluster.process(of: replica)
            return PromotionReport(
                node: replica, timeline: process.database.timeline,
                fork: process.history.entries.last?.switchpoint ?? .invalid, oldPrimary: old,
                oldPrimaryIsUp: cluster.node(up: old)?.isInRecovery == false,
                others: cluster.fates(of: replica), loss: loss)
        }
    }

    /// The ledger held against the present primary's disk, up or down.
    package func lost() throws(LabFailure) -> LossReport {
        try audit(snapshot().primary)
    }

    private func audit(_ survivor: String) throws(LabFailure) -> LossReport {
        let own = try committedLog(of: survivor)
        var audit = onLoop { cluster in cluster.audit(of: survivor, own) }
        if let report = audit.reportOfNoLoss { return report }
        // A log that cannot be read says nothing; the survivor's must.
        for name in nodeNames where name != survivor {
            if let log = try? committedLog(of: name) { audit.add(log, of: name) }
        }
        var finding = audit.finding
        // One table at a time: each may be as large as the lab.
        for name in nodeNames where audit.mayHold(finding.lost, on: name) {
            let table = try? rehearsal(of: name).database
            audit.note(in: &finding, heldBy: name, table: table)
        }
        return audit.report(finding)
    }
}

extension Cluster {
    /// The ledger, about to be held against a node's log.
    fileprivate func audit(of survivor: String, _ log: CommittedLog) -> LossAudit {
        LossAudit(
            ledger: ledger, survivor: survivor, log: log, table: node(up: survivor)?.database,
            logReach: logReach, postgres: postgres.map { ($0.name, $0.confirmed) },
            failovers: timelines.failovers,
            cause: LossCause(timelines.failovers) { timelines.forks.lineage(of: $0) },
            madeAt: now, flushed: flushPositions, running: runningNodes)
    }

    /// A promotion failed where it may have begun a timeline: that is nobody else's.
    func claim(_ standing: Promotion.Standing) {
        switch standing {
        case .failed(_, let new?), .primary(let new):
            timelines.claimed = max(timelines.claimed, new)
        case .standby, .failed(_, nil): break
        }
    }

    /// A promotion over another node is durable: who followed a primary follows the new one from
    /// now on.
    func takeOver(
        _ name: String, over old: String, repointsRoute: Bool
    ) throws(LabFailure) {
        let promoted = try node(name)
        promoted.closeLink()
        if let process = promoted.process {
            timelines.forks.note(process)
            ledger.promoted(to: process.database.timeline)
        }
        for member in members {
            // Who follows another replica, the promoted one included, goes on doing so.
            guard let upstream = member.upstream, upstream != name,
                try node(upstream).role == .primary
            else { continue }
            try repoint(member, to: name)
        }
        if let terms = monitor.watch?.detector.terms { try watchPrimary(terms) }
        notePromotion(of: name, over: try node(old))
        if repointsRoute { repointRoute(to: name) }
    }

    /// How the other replicas stand with a new primary.
    func fates(of name: String) -> [PromotionReport.Follower] {
        let upstream = node(up: name)
        return followers(of: name).map {
            PromotionReport.Follower(name: $0.name, fate: $0.fate(under: upstream))
        }
    }

    var runningNodes: Set<String> {
        Set(nodes.filter { $0.process != nil }.map(\.name))
    }

    /// Where each node's log ends; of a node that is down, where it ended.
    var flushPositions: [String: LSN] {
        nodes.reduce(into: [:]) { $0[$1.name] = $1.seen?.log?.end ?? .invalid }
    }
}

extension Node {
    /// How it stands, as a replica, with the node it is to follow: whether it ever can is decided
    /// by their logs, whether or not it has reached it yet.
    func fate(under upstream: NodeProcess?) -> PromotionReport.Fate {
        guard let process, let standby = process.standby else { return .isDown }
        if standby.receiver.isStreaming {
            return .follows(from: standby.resumption?.lsn ?? standby.receiver.flushLSN)
        }
        let own = process.logExtent
        if let log = upstream?.logExtent, !log.lineage.includes(own.endPosition) {
            return .cannotFollow(own: own.end, fork: own.sharedEnd(with: log))
        }
        return standby.lastRefusal.map { .refused($0) } ?? .notYet
    }
}
