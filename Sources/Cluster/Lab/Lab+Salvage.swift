import DatabaseNode
import LabClock
import Network
import Storage
import WALFormat

// What a failover left behind on a node's disk, and how to bring it over.
extension Lab {
    /// The forked tail of a node's log by key, beside what the primary has. Nothing is changed.
    package func salvage(_ node: String) throws(LabFailure) -> SalvageReport {
        try forkedTail(of: node).report
    }

    /// Writes a node's forked tail to the primary, as a client of its, in one transaction: what
    /// the primary has not, and by the rule also what it has changed itself.
    package func reapply(
        _ node: String, _ rule: ConflictRule
    ) throws(LabFailure) -> ReapplyReport {
        if let open = openTransaction { throw .transactionIsOpen(node: open) }
        let (tail, told, report) = try forkedTail(of: node)
        let written = report.keys.filter { key in
            switch key.standing {
            case .same: false
            case .missing: true
            case .conflict: rule == .overwrite
            }
        }
        guard !written.isEmpty else {
            return ReapplyReport(tail: report, written: [], commit: nil)
        }
        let writes = Self.writes(written, tail, told, report)
        let done = try commit(writes, on: report.primary)
        return ReapplyReport(
            tail: report, written: written,
            commit: done.lsn.map { .init(lsn: $0, acknowledgedAt: done.at) })
    }

    private typealias Tail = (
        tail: ForkedTail, told: [LogPosition: [ForkedTail.Told]], report: SalvageReport
    )

    private func forkedTail(of node: String) throws(LabFailure) -> Tail {
        let (primary, durable) = try onLoop { cluster throws(LabFailure) in
            let primary = cluster.primary.name
            let isUp = try cluster.node(node).process != nil
            guard node != primary else { throw .isPrimary(node) }
            _ = try cluster.process(of: primary)
            return (primary, isUp ? cluster.flushPositions[node] : nil)
        }
        let tail = ForkedTail(
            of: try committedLog(of: node), besides: try committedLog(of: primary),
            durable: durable)
        let changes = tail.lastChanges
        let (told, held) = try onLoop { cluster throws(LabFailure) in
            let table = try cluster.process(of: primary).database
            return (tail.told(in: cluster.ledger), changes.map { table.get($0.change.key) })
        }
        let keys = zip(changes, held).map { last, held in
            SalvageKey(
                key: last.change.key, value: last.change.value, lsn: last.place.lsn,
                isAcknowledged: told[last.place]?.contains { $0.keys.contains(last.change.key) }
                    ?? false,
                held: held, standing: tail.standing(of: last.change, held: held))
        }
        let report = SalvageReport(
            node: node, primary: primary, fork: tail.fork, commitCount: tail.transactions.count,
            incompleteCount: tail.transactions.count { !$0.isComplete },
            beginsBehindFork: tail.beginsBehindFork, keys: keys)
        return (tail, told, report)
    }

    /// The writes that do lost ones again: each with those that are there again once it and the
    /// others are.
    private static func writes(
        _ written: [SalvageKey], _ tail: ForkedTail, _ told: [LogPosition: [ForkedTail.Told]],
        _ report: SalvageReport
    ) -> [ReapplyRun.Write] {
        let same = report.keys.lazy.filter { $0.standing == .same }.map(\.key)
        let there = Set(written.map(\.key)).union(same)
        var salvages: [String: [ClientLedger.ID]] = [:]
        for lost in told.values.joined() where lost.keys.isSubset(of: there) {
            salvages[lost.key, default: []].append(lost.id)
        }
        return written.map {
            ReapplyRun.Write(
                key: $0.key, value: $0.value, salvages: salvages[$0.key, default: []].sorted())
        }
    }

    private func commit(
        _ writes: [ReapplyRun.Write], on primary: String
    ) throws(LabFailure) -> TransactionReport {
        let reapply = try onLoop { cluster throws(LabFailure) in
            let reapply = ReapplyRun(cluster, writes, on: primary)
            try reapply.start()
            return reapply
        }
        let end = run { _ in reapply.outcome != nil }
        let givenUp = onLoop { _ in
            reapply.giveUp(
                because: end == .interrupted
                    ? .interrupted
                    : .tookTooLong(what: "\(primary)'s answer", bound: Self.patience))
        }
        settle()
        // An answer that had come meanwhile counts.
        return try (onLoop { _ in reapply.outcome } ?? givenUp).get()
    }
}
