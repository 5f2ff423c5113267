public import WALFormat

// What a sender knows of its server.
extension WALSender {
    /// What the server is, at the moment of an event.
    public struct Server: Hashable, Sendable {
        /// The cluster's number.
        public var systemIdentifier: UInt64
        /// The timeline being written or, on a standby, received: the one that the WAL at
        /// `flushLSN` belongs to.
        public var timeline: Timeline
        /// How that timeline came about.
        public var history: TimelineHistory
        /// WAL up to here (last byte + 1) is durable on the server.
        public var flushLSN: LSN
        /// The size of a segment file.
        public var segmentSize: SegmentSize
        /// Stamps messages, and tells how long a client has been silent.
        public var now: PostgresTime
        /// `wal_sender_timeout`: a client that streams and says nothing for so long is given up.
        /// Zero: never.
        public var timeout: Duration
        /// The next transaction's number.
        public var nextXID: TransactionID

        /// PostgreSQL's `wal_sender_timeout`.
        public static let defaultTimeout = Duration.seconds(60)

        /// A server's state from its parts.
        public init(
            systemIdentifier: UInt64, timeline: Timeline, history: TimelineHistory,
            flushLSN: LSN, segmentSize: SegmentSize, now: PostgresTime,
            timeout: Duration = defaultTimeout, nextXID: TransactionID = .firstNormal
        ) {
            self.systemIdentifier = systemIdentifier
            self.timeline = timeline
            self.history = history
            self.flushLSN = flushLSN
            self.segmentSize = segmentSize
            self.now = now
            self.timeout = timeout
            self.nextXID = nextXID
        }
    }
}
