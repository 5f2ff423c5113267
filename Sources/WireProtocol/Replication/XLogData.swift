public import WALFormat

/// A piece of WAL: `'w', Int64 start, Int64 walEnd, Int64 sentAt, bytes`.
public struct XLogData: Hashable, Sendable {
    /// Bytes before the WAL, the letter included.
    public static let headerLength = 25
    /// The most WAL one message carries: 16 pages. PostgreSQL: `MAX_SEND_SIZE`.
    public static let maximumByteCount = 131_072

    /// Where the first byte belongs.
    public var start: LSN
    /// The sender's flush position, which may be ahead of this piece.
    public var walEnd: LSN
    /// The sender's clock when it was sent.
    public var sentAt: PostgresTime
    /// The WAL, perhaps a part of what was read or received, which is not copied for it.
    public var bytes: ArraySlice<UInt8>

    /// A piece from its parts.
    public init(start: LSN, walEnd: LSN, sentAt: PostgresTime, bytes: ArraySlice<UInt8>) {
        self.start = start
        self.walEnd = walEnd
        self.sentAt = sentAt
        self.bytes = bytes
    }

    /// A piece from its parts.
    public init(start: LSN, walEnd: LSN, sentAt: PostgresTime, bytes: [UInt8]) {
        self.init(start: start, walEnd: walEnd, sentAt: sentAt, bytes: bytes[...])
    }

    /// Where the byte after the last one belongs, wrapping only on positions no WAL can reach.
    public var end: LSN { LSN(start.rawValue &+ UInt64(bytes.count)) }
}
