package import LabClock
package import WALFormat

/// A replay that stands still, because its next record takes rows away that somebody on the node
/// still reads. PostgreSQL: a recovery conflict of the kind `snapshot`.
package struct ReplayWait: Hashable, Sendable {
    /// The rows that transactions up to this one have deleted are to go.
    package let removed: TransactionID
    /// It has stood still from here on.
    package let since: LabInstant
    /// When the record was received, which is where its time is counted from. PostgreSQL:
    /// `XLogReceiptTime`.
    package let receivedAt: LabInstant

    /// When the readers are cancelled for it; nil: never. PostgreSQL: `GetStandbyLimitTime`.
    ///
    /// - Parameter delay: `max_standby_streaming_delay`; below zero: for ever.
    func limit(_ delay: Duration) -> LabInstant? {
        delay < .zero ? nil : receivedAt.advanced(by: delay)
    }
}

/// When which WAL came that is not replayed yet.
struct WALReceipts {
    /// In the log's order, and so in that of time.
    private var receipts: [(end: LSN, at: LabInstant)] = []

    /// WAL up to `end` has come.
    mutating func note(_ end: LSN, at instant: LabInstant) {
        if receipts.last?.at == instant { receipts.removeLast() }
        receipts.append((end, instant))
    }

    /// When the last byte before `end` came.
    func receipt(of end: LSN) -> LabInstant? { receipts.first { $0.end >= end }?.at }

    /// WAL up to `end` is replayed.
    mutating func forget(upTo end: LSN) {
        let count = receipts.prefix { $0.end <= end }.count
        if count > 0 { receipts.removeFirst(count) }
    }
}
