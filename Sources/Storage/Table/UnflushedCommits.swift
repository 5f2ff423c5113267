internal import WALFormat

/// Commits whose record is in the log and not durable yet. Whoever changes a row goes on from what
/// they made of it, for his own COMMIT comes behind theirs; nobody else may see them, for a power
/// loss, or a sync that fails, would take back what was seen. PostgreSQL: until `XLogFlush` of its
/// COMMIT a transaction still counts as running (`ProcArrayEndTransaction` comes later).
///
/// - Commits are kept in the order of their records, and become visible in that order.
struct UnflushedCommits: Sendable {
    private struct Commit {
        let xid: TransactionID
        let end: LSN
        let time: PostgresTime
        /// Where the rows it changed were before; nil: there was none.
        let replaced: [[UInt8]: TupleLocation?]
    }

    /// Oldest first.
    private var commits: [Commit] = []

    /// Whether all commits are durable.
    var isEmpty: Bool { commits.isEmpty }
    /// How many are not.
    var count: Int { commits.count }

    mutating func add(
        _ xid: TransactionID, end: LSN, at time: PostgresTime,
        replacing replaced: [[UInt8]: TupleLocation?]
    ) {
        commits.append(Commit(xid: xid, end: end, time: time, replaced: replaced))
    }

    /// The log is durable up to `lsn`. Answers where the commits end that became so, and their
    /// times.
    mutating func flushed(upTo lsn: LSN) -> [(end: LSN, time: PostgresTime)] {
        let durable = commits.prefix { $0.end <= lsn }.map { (end: $0.end, time: $0.time) }
        commits.removeFirst(durable.count)
        return durable
    }

    /// Who made them.
    var xids: [TransactionID] { commits.map(\.xid) }

    func contains(_ xid: TransactionID) -> Bool { commits.contains { $0.xid == xid } }

    /// Where each row was, that one of them has changed, before the first of them did.
    var replaced: [[UInt8]: TupleLocation?] {
        commits.reduce(into: [:]) { rows, commit in
            rows.merge(commit.replaced) { first, _ in first }
        }
    }

    /// Where a row was before the first of them that changed it; `.none` when none of them did.
    func replaced(_ key: [UInt8]) -> TupleLocation?? {
        for commit in commits {
            if let location = commit.replaced[key] { return .some(location) }
        }
        return .none
    }
}
