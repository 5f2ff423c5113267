public import WALFormat

/// How far a replica got: `'r', Int64 write, flush, apply, Int64 sentAt, Byte replyRequested`.
///
/// Each position is the last byte plus one; 0 means unknown.
public struct StandbyStatus: Hashable, Sendable {
    /// Written to the replica's WAL files.
    public var write: LSN
    /// Synced to its disk.
    public var flush: LSN
    /// Replayed into its tables.
    public var apply: LSN
    /// The replica's clock when it was sent.
    public var sentAt: PostgresTime
    /// Answer with a heartbeat at once.
    public var replyRequested: Bool

    /// A status from its parts.
    public init(
        write: LSN, flush: LSN, apply: LSN, sentAt: PostgresTime, replyRequested: Bool = false
    ) {
        self.write = write
        self.flush = flush
        self.apply = apply
        self.sentAt = sentAt
        self.replyRequested = replyRequested
    }
}
