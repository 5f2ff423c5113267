internal import TableFormat
public import WALFormat

/// What a vacuum found to take away.
public struct VacuumReport: Hashable, Sendable {
    /// Pages looked at: all there are.
    public var pagesScanned = 0
    /// Pages that had dead versions.
    public var pagesPruned = 0
    /// Dead versions taken away.
    public var tuplesRemoved = 0
    /// Room gained, in bytes.
    public var bytesFreed = 0
    /// Dead versions that stay because somebody reads from an older snapshot.
    public var tuplesSpared = 0
    /// Pages that have such.
    public var pagesSpared = 0
    /// The newest transaction that deleted one of them.
    public var newestSpared: TransactionID?
}

/// Vacuum: the room of versions that nobody can see any more is used again.
extension Database {
    /// Takes away every dead version: one that an ended transaction never made good, or that a
    /// committed transaction deleted or replaced. Each page changed is one Generic record, so a
    /// standby prunes the same pages in the same way. Before the first of them the log says what
    /// goes, for the sake of readers on standbys: see `WALRecord.removalHorizon`.
    ///
    /// What an open transaction made, deleted or replaced stays, for it may yet roll back; so does
    /// what a commit replaced that is not durable, for it is still seen.
    ///
    /// The lab's rows have no index on disk that could point at them, so a line pointer is free at
    /// once, as PostgreSQL does in a table without indexes; the file does not get shorter.
    ///
    /// - Parameter oldest: somebody reads from a snapshot with this `xmin`: versions that this
    ///   transaction or a later one has deleted stay. Nil: nobody does.
    /// - Throws: `.readOnly` on a standby.
    public mutating func vacuum(
        sparing oldest: TransactionID? = nil
    ) throws(TableError) -> VacuumReport {
        guard !isReadOnly else { throw .readOnly }
        var report = VacuumReport(pagesScanned: pages.count)
        var findings: [(block: Int, dead: [Int])] = []
        var horizon: TransactionID?
        for (block, page) in pages.enumerated() {
            let found = remains(on: page, sparing: oldest)
            report.add(found)
            horizon = [horizon, found.horizon].compactMap(\.self).max()
            if !found.dead.isEmpty { findings.append((block, found.dead)) }
        }
        if let horizon { withWriting { _ = $0.log.insert(WALRecord(removingUpTo: horizon)) } }
        for (block, dead) in findings {
            var pruned = pages[block]
            let before = pruned.upper - pruned.lower
            pruned.prune(dead)
            report.bytesFreed += (pruned.upper - pruned.lower) - before
            log([(UInt32(truncatingIfNeeded: block), pruned)], .invalid)
        }
        return report
    }

    /// What a vacuum finds on a page.
    fileprivate struct Remains {
        /// Versions that can go, by item.
        var dead: [Int] = []
        /// The newest transaction that deleted one of them which somebody may have seen.
        var horizon: TransactionID?
        /// Who deleted those that would go if nobody read from an older snapshot.
        var sparedDeleters: [TransactionID] = []
    }

    private func remains(on page: HeapPage, sparing oldest: TransactionID?) -> Remains {
        var found = Remains()
        for item in page.items {
            guard let tuple = page.tuple(at: item), isDead(tuple) else { continue }
            // What was never made good nobody has seen, and what a transaction made and deleted
            // itself nobody else.
            let wasSeen = visibleStatus(of: tuple.xmin) == .committed && tuple.deleter != tuple.xmin
            guard wasSeen, let deleter = tuple.deleter else {
                found.dead.append(item)
                continue
            }
            if let oldest, deleter >= oldest {
                found.sparedDeleters.append(deleter)
            } else {
                found.dead.append(item)
                found.horizon = max(found.horizon ?? deleter, deleter)
            }
        }
        return found
    }

    /// Whether no transaction, open or to come, can see a version.
    func isDead(_ tuple: HeapTuple) -> Bool {
        switch visibleStatus(of: tuple.xmin) {
        case .aborted: true
        case .inProgress: false
        case .committed: tuple.deleter.map { visibleStatus(of: $0) == .committed } ?? false
        }
    }
}

extension VacuumReport {
    fileprivate mutating func add(_ found: Database.Remains) {
        pagesPruned += found.dead.isEmpty ? 0 : 1
        tuplesRemoved += found.dead.count
        pagesSpared += found.sparedDeleters.isEmpty ? 0 : 1
        tuplesSpared += found.sparedDeleters.count
        newestSpared = (found.sparedDeleters + (newestSpared.map { [$0] } ?? [])).max()
    }
}
