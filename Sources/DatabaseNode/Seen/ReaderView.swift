package import LabClock
package import WALFormat

/// Those who read from snapshots on a node: long queries, and transactions of REPEATABLE READ.
package struct ReaderView: Hashable, Sendable {
    package let count: Int
    /// Rows that this transaction or a later one has deleted must stay for them. PostgreSQL:
    /// `backend_xmin`.
    package let xmin: TransactionID
    /// The oldest of them has read from here on.
    package let since: LabInstant
}

/// A replay that waits for readers: what it would take away they still see.
package struct ReplayHold: Hashable, Sendable {
    /// How many are in its way.
    package let readers: Int
    /// It has stood still from here on.
    package let since: LabInstant
    /// When they are cancelled; nil: never (`max_standby_streaming_delay` is -1).
    package let until: LabInstant?

    package init(readers: Int, since: LabInstant, until: LabInstant?) {
        self.readers = readers
        self.since = since
        self.until = until
    }
}
