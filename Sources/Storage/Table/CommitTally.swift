internal import TableFormat
public import WALFormat

/// Counts transactions that have committed, each of them once, for whoever follows a log without a
/// database: replay meets COMMITs again that a base backup has already.
public struct CommitTally: Sendable {
    private var commitLog: CommitLog
    /// Transactions that have committed.
    public private(set) var count: Int

    init(_ commitLog: CommitLog) {
        self.commitLog = commitLog
        count = commitLog.committedCount
    }

    /// None has yet.
    public init() {
        self.init(CommitLog())
    }

    /// A transaction's COMMIT was met.
    public mutating func committed(_ xid: TransactionID) {
        guard commitLog.status(of: xid) != .committed else { return }
        commitLog.set(.committed, of: xid)
        count += 1
    }
}
