internal import TableFormat
public import WALFormat

/// What readers see, and what those see who are about to write.
extension Database {
    /// The log is durable up to `lsn`: what committed up to there may be seen.
    public mutating func flushed(upTo lsn: LSN) {
        guard !unflushed.isEmpty else { return }
        for commit in unflushed.flushed(upTo: lsn) {
            transactions.lastCommitTime = commit.time
            transactions.times.add(end: commit.end, at: commit.time)
        }
    }

    /// Whether there is a commit that nobody may see yet.
    public var hasUnflushedCommits: Bool { !unflushed.isEmpty }

    /// Whether such a commit changed this row.
    public func isChangedByUnflushedCommit(_ key: String) -> Bool {
        unflushed.replaced(Array(key.utf8)) != nil
    }

    /// Transactions whose commit is durable, ever: equal on nodes whose logs are durable up to the
    /// same LSN.
    public var commitCount: Int { transactions.committedCount - unflushed.count }

    /// Keys that have a committed value.
    public var keyCount: Int {
        guard !unflushed.isEmpty else { return index.live.count }
        return unflushed.replaced.reduce(index.live.count) { count, row in
            count + (row.value == nil ? 0 : 1)
                - (index.live.location(of: row.key, in: pages) == nil ? 0 : 1)
        }
    }

    /// The committed value of a key, or what transaction `xid` made of it.
    public func get(_ key: String, as xid: TransactionID? = nil) -> String? {
        location(of: Array(key.utf8), as: xid).flatMap(tuple).map {
            String(decoding: $0.value, as: UTF8.self)
        }
    }

    /// The rows in bytewise order of their keys: the committed ones, or as transaction `xid` sees
    /// them, with its own changes.
    public func rows(as xid: TransactionID? = nil) -> [(key: String, value: String)] {
        var rows = index.rows(as: xid, in: pages)
        for (key, location) in unflushed.replaced where !index.isChanged(key, by: xid) {
            rows[key] = location
        }
        return rows.sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .compactMap { key, location in
                guard let tuple = tuple(at: location) else { return nil }
                return (
                    String(decoding: key, as: UTF8.self),
                    String(decoding: tuple.value, as: UTF8.self)
                )
            }
    }

    /// Whether there is a row for a transaction to change; nil: one that is about to begin. It goes
    /// on from commits that nobody may see yet, for its own comes behind them in the log.
    public func hasRow(_ key: String, toChangeBy xid: TransactionID?) -> Bool {
        index.location(of: Array(key.utf8), as: xid, in: pages) != nil
    }

    /// The keys of the rows there are for a transaction to change, in bytewise order. See `hasRow`.
    public func keys(toChangeBy xid: TransactionID?) -> [String] {
        index.rows(as: xid, in: pages).keys.sorted { $0.lexicographicallyPrecedes($1) }
            .map { String(decoding: $0, as: UTF8.self) }
    }

    private func location(of key: [UInt8], as xid: TransactionID?) -> TupleLocation? {
        if !index.isChanged(key, by: xid), let location = unflushed.replaced(key) {
            return location
        }
        return index.location(of: key, as: xid, in: pages)
    }

    func tuple(at location: TupleLocation) -> HeapTuple? {
        pages[Int(location.block)].tuple(at: location.item)
    }

    /// How a transaction ended, as the log has it; one that a crash ended counts as aborted.
    func status(of xid: TransactionID) -> TransactionStatus {
        let status = transactions.log.status(of: xid)
        return status == .inProgress && xid < transactions.oldestActive ? .aborted : status
    }

    /// How a transaction ended for those who look on: one whose COMMIT is not durable has not.
    func visibleStatus(of xid: TransactionID) -> TransactionStatus {
        unflushed.contains(xid) ? .inProgress : status(of: xid)
    }
}
