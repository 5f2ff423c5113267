internal import TableFormat
internal import WALFormat

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
}

/// Vacuum: the room of versions that nobody can see any more is used again.
extension Database {
    /// Takes away every dead version: one that an ended transaction never made good, or that a
    /// committed transaction deleted or replaced. Each page changed is one Generic record, so a
    /// standby prunes the same pages in the same way.
    ///
    /// What an open transaction made, deleted or replaced stays, for it may yet roll back; so does
    /// what a commit replaced that is not durable, for it is still seen. No other snapshot can be
    /// open: a statement is over before the next one begins.
    ///
    /// The lab's rows have no index on disk that could point at them, so a line pointer is free at
    /// once, as PostgreSQL does in a table without indexes; the file does not get shorter.
    ///
    /// - Throws: `.readOnly` on a standby.
    public mutating func vacuum() throws(TableError) -> VacuumReport {
        guard !isReadOnly else { throw .readOnly }
        var report = VacuumReport(pagesScanned: pages.count)
        for (block, page) in pages.enumerated() {
            let dead = page.items.filter { item in page.tuple(at: item).map(isDead) ?? false }
            guard !dead.isEmpty else { continue }
            var pruned = page
            pruned.prune(dead)
            report.pagesPruned += 1
            report.tuplesRemoved += dead.count
            report.bytesFreed += (pruned.upper - pruned.lower) - (page.upper - page.lower)
            log([(UInt32(truncatingIfNeeded: block), pruned)], .invalid)
        }
        return report
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
