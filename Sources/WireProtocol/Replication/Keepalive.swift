public import WALFormat

/// A sender's heartbeat: `'k', Int64 walEnd, Int64 sentAt, Byte replyRequested`.
public struct Keepalive: Hashable, Sendable {
    /// The sender's flush position.
    public var walEnd: LSN
    /// The sender's clock when it was sent.
    public var sentAt: PostgresTime
    /// Answer at once, or be taken for dead.
    public var replyRequested: Bool

    /// A heartbeat from its parts.
    public init(walEnd: LSN, sentAt: PostgresTime, replyRequested: Bool) {
        self.walEnd = walEnd
        self.sentAt = sentAt
        self.replyRequested = replyRequested
    }
}
