public import WALFormat

/// Holds back the OK of a commit until the commit's record is durable where it must be.
///
/// The chapter's steps 2 and 3: the primary fsyncs the COMMIT record, then answers. In
/// asynchronous replication the local disk is the only place that counts; a replica's word is
/// never waited for. PostgreSQL: `XLogFlush` before `EndCommand`.
///
/// - Commits come, and are let go, in LSN order; each is let go once.
/// - What was flushed stays flushed: the position never goes back.
public struct CommitGate<Waiter: Hashable & Sendable>: Hashable, Sendable {
    private struct Held: Hashable {
        let lsn: LSN
        let waiter: Waiter
    }

    private var held: [Held] = []
    /// WAL up to here (last byte + 1) is durable.
    public private(set) var flushLSN: LSN

    /// A gate over a log durable up to `flushLSN`.
    public init(flushLSN: LSN) {
        self.flushLSN = flushLSN
    }

    /// How many commits wait.
    public var waitingCount: Int { held.count }

    /// A commit's record ends at `lsn`. Says whether its client may be answered at once.
    public mutating func commitInserted(_ waiter: Waiter, endingAt lsn: LSN) -> Bool {
        precondition(held.last.map { $0.lsn <= lsn } ?? true, "\(lsn) after a later commit")
        guard lsn > flushLSN else { return true }
        held.append(Held(lsn: lsn, waiter: waiter))
        return false
    }

    /// WAL is durable up to `lsn`. Gives back who may be answered, in LSN order.
    public mutating func walFlushed(upTo lsn: LSN) -> [Waiter] {
        flushLSN = max(flushLSN, lsn)
        // A key path would be looked up anew each time: the type is generic.
        let released = held.prefix { $0.lsn <= flushLSN }.map { $0.waiter }
        held.removeFirst(released.count)
        return released
    }

    /// The node will never answer them: it failed or is going down. Gives back whom.
    public mutating func abandonAll() -> [Waiter] {
        defer { held = [] }
        return held.map(\.waiter)
    }
}
