internal import TableFormat
public import WALFormat

/// Which transactions a reader sees who goes on seeing the table as it was at one moment.
/// PostgreSQL: `SnapshotData`.
///
/// It is not a copy of the rows: they must stay where they are for as long as somebody has it.
///
/// - Everything below `xmin` had ended; nothing from `xmax` on had begun.
/// - A row version that a transaction below `xmin` has deleted, and committed, is not seen by it.
public struct Snapshot: Hashable, Sendable {
    /// The oldest transaction that was open, or the next one's number. PostgreSQL: `xmin`.
    public let xmin: TransactionID
    /// The number of the transaction that was to begin next. PostgreSQL: `xmax`.
    let xmax: TransactionID
    /// Those in between that were open. PostgreSQL: `xip`.
    let open: Set<TransactionID>

    /// Whether a transaction had ended.
    func includes(_ xid: TransactionID) -> Bool {
        xid < xmin || xid < xmax && !open.contains(xid)
    }
}

// What those see who read from a snapshot.
extension Database {
    /// The table as it is now, to be read from later. PostgreSQL: `GetSnapshotData`.
    public var snapshot: Snapshot {
        let open = openTransactions
        let next = transactions.next
        return Snapshot(xmin: open.min() ?? next, xmax: next, open: open)
    }

    /// Those that have begun and whose end nobody may see yet: on a standby, those whose end is not
    /// replayed. PostgreSQL: the numbers in the ProcArray, and `KnownAssignedXids`.
    private var openTransactions: Set<TransactionID> {
        switch role {
        case .writing(let writing): return writing.open.union(unflushed.xids)
        case .replaying:
            let (oldest, next) = (transactions.oldestActive, transactions.next)
            guard oldest < next else { return [] }
            return Set(
                (oldest.rawValue..<next.rawValue).map { TransactionID($0) }
                    .filter { transactions.log.status(of: $0) == .inProgress })
        }
    }

    /// A key's value as it was then, or what transaction `xid` has made of it since.
    public func get(_ key: String, in snapshot: Snapshot, as xid: TransactionID?) -> String? {
        let bytes = Array(key.utf8)
        return visible(in: snapshot, as: xid) { $0 == bytes }.first?.value
    }

    /// The rows as they were then, with what transaction `xid` has changed since, in bytewise order
    /// of their keys.
    public func rows(
        in snapshot: Snapshot, as xid: TransactionID?
    ) -> [(key: String, value: String)] {
        visible(in: snapshot, as: xid) { _ in true }
            .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    /// Whether somebody whom the snapshot does not see has changed a row that transaction `xid` is
    /// about to change.
    public func isChanged(_ key: String, since snapshot: Snapshot, for xid: TransactionID?) -> Bool
    {
        guard let tuple = index.location(of: Array(key.utf8), as: xid, in: pages).flatMap(tuple)
        else {
            return get(key, in: snapshot, as: xid) != nil
        }
        return tuple.xmin != xid && !snapshot.includes(tuple.xmin)
    }

    /// A snapshot knows no index: it goes through all pages, as PostgreSQL does in a table that has
    /// none.
    private func visible(
        in snapshot: Snapshot, as xid: TransactionID?, _ isWanted: ([UInt8]) -> Bool
    ) -> [(key: String, value: String)] {
        pages.flatMap { page in
            page.items.compactMap { item -> (key: String, value: String)? in
                guard let tuple = page.tuple(at: item), isWanted(tuple.key),
                    isVisible(tuple, in: snapshot, as: xid)
                else { return nil }
                return (
                    String(decoding: tuple.key, as: UTF8.self),
                    String(decoding: tuple.value, as: UTF8.self)
                )
            }
        }
    }

    /// PostgreSQL: `HeapTupleSatisfiesMVCC`.
    private func isVisible(
        _ tuple: HeapTuple, in snapshot: Snapshot, as xid: TransactionID?
    ) -> Bool {
        func counts(_ other: TransactionID) -> Bool {
            other == xid || snapshot.includes(other) && status(of: other) == .committed
        }
        return counts(tuple.xmin) && !(tuple.deleter.map(counts) ?? false)
    }
}
