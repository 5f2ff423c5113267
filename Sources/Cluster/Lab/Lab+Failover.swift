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
    /// - Throws: `.promotionFailed`: nobody was pointed anywhere.
    public func promote(_ replica: String) throws(LabFailure) -> PromotionReport {
        let pending = Pending<NodeProcess.PromotionEnd>()
        let old = try onLoop { cluster throws(LabFailure) in
            _ = try cluster.standby(replica)
            try cluster.process(of: replica).promote(after: cluster.newestTimeline) {
                pending.value = $0
            }
            return try cluster.node(replica).upstream ?? Node.firstPrimary
        }
        let end = run(until: { _ in pending.value != nil })
        switch onLoop({ _ in pending.value }) {
        case .success: break
        case .failure(let failure):
            onLoop { cluster in cluster.claim(failure.standing) }
            settle()
            throw .promotionFailed(node: replica, failure)
        case nil:
            throw end == .interrupted
                ? .interrupted
                : .tookTooLong(what: "the promotion of \(replica)", bound: Self.patience)
        }
        try onLoop { cluster throws(LabFailure) in try cluster.takeOver(replica) }
        settle()
        noteUpstreams()
        return try promotionReport(replica, after: old)
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
    public func lost() throws(LabFailure) -> LossReport {
        try audit(snapshot().primary)
    }

    /// The records of a node's own log, oldest first, up or down.
    public func records(of node: String) throws(LabFailure) -> [WALLine] {
        try log(of: node).records.map {
            WALLine(start: $0.start, end: $0.end, record: $0.record, timeline: $0.timeline)
        }
    }

    func log(of node: String) throws(LabFailure) -> WALOnDisk {
        let fileSystem = try fileSystem(of: node)
        do throws(OpenFailure) {
            return try WALOnDisk(fileSystem)
        } catch {
            throw .cannotOpen(node: node, error)
        }
    }

    private func audit(_ survivor: String) throws(LabFailure) -> LossReport {
        var said: [String: (log: WALOnDisk, transactions: [WALOnDisk.Transaction])] = [:]
        for name in nodeNames {
            // A log that cannot be read bears no witness; the survivor's must.
            let log = name == survivor ? try log(of: name) : try? log(of: name)
            said[name] = log.map { ($0, testimony(of: name, $0)) }
        }
        let disks = said
        return try onLoop { cluster throws(LabFailure) in
            let node = try cluster.node(survivor)
            let (running, flushed) = (cluster.runningNodes, cluster.flushPositions)
            var logs: [String: Witness] = [:]
            for (name, disk) in disks {
                logs[name] = Witness(
                    disk.log, disk.transactions,
                    durable: running.contains(name) ? flushed[name] : nil)
            }
            return LossAudit(
                ledger: cluster.ledger, survivor: survivor, logs: logs,
                table: node.process?.database, sent: cluster.sentPositions,
                former: cluster.formerLogs, foreign: cluster.foreignWitness,
                madeAt: cluster.now, flushed: flushed
            ).report
        }
    }
}

extension Cluster {
    /// A promotion failed where it may have begun a timeline: that is nobody else's.
    func claim(_ standing: Promotion.Standing) {
        switch standing {
        case .failed(_, let new?), .primary(let new): claimedTimeline = max(claimedTimeline, new)
        case .standby, .failed(_, nil): break
        }
    }

    /// A promotion is durable: who followed a primary follows the new one from now on.
    func takeOver(_ name: String) throws(LabFailure) {
        let promoted = try node(name)
        promoted.closeLink()
        if let process = promoted.process { forks.note(process) }
        for node in nodes {
            // Who follows another replica, the promoted one included, goes on doing so.
            guard case .standby(let upstream) = node.role, upstream != name,
                try self.node(upstream).role == .primary
            else { continue }
            try repoint(node.name, to: name)
        }
        if let foreign, try node(foreign.upstream).role == .primary { foreign.follow(name) }
    }

    /// How the other replicas stand with a new primary.
    func fates(of name: String) -> [PromotionReport.Follower] {
        let own = nodes.filter { $0.role == .standby(upstream: name) }.map { node in
            PromotionReport.Follower(name: node.name, fate: fate(of: node, under: name))
        }
        guard let foreign, foreign.upstream == name else { return own }
        return own + [
            PromotionReport.Follower(name: foreign.name, fate: foreign.fate(under: foreignUpstream))
        ]
    }

    /// How a replica stands with the node it is to follow: whether it ever can is decided by their
    /// logs, whether or not it has reached it yet.
    func fate(of node: Node, under upstream: String) -> PromotionReport.Fate {
        guard let process = node.process, let standby = process.standby else { return .isDown }
        if standby.receiver.isStreaming {
            return .follows(from: standby.resumption?.lsn ?? standby.receiver.flushLSN)
        }
        let own = process.logExtent
        if let log = self.node(up: upstream)?.logExtent, own.parting(from: log) != nil {
            return .cannotFollow(own: own.end, fork: own.sharedEnd(with: log))
        }
        return standby.lastRefusal.map { .refused($0) } ?? .notYet
    }

    /// How far each node has ever sent to each replica, before it went down or since.
    var sentPositions: [String: [String: LSN]] {
        nodes.reduce(into: [:]) { sent, node in
            let live = node.process?.sentPositions ?? [:]
            sent[node.name] = live.merging(node.lastSent) { max($0, $1) }
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
