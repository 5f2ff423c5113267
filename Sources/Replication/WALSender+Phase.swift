public import WALFormat
public import WireProtocol

// What a sender knows: of its server at each event, and of its own stream.
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

        /// PostgreSQL's `wal_sender_timeout`.
        public static let defaultTimeout = Duration.seconds(60)

        /// A server's state from its parts.
        public init(
            systemIdentifier: UInt64, timeline: Timeline, history: TimelineHistory,
            flushLSN: LSN, segmentSize: SegmentSize, now: PostgresTime,
            timeout: Duration = defaultTimeout
        ) {
            self.systemIdentifier = systemIdentifier
            self.timeline = timeline
            self.history = history
            self.flushLSN = flushLSN
            self.segmentSize = segmentSize
            self.now = now
            self.timeout = timeout
        }
    }

    /// Where the conversation stands.
    public enum Phase: Hashable, Sendable {
        /// Between commands.
        case idle
        /// The slots were asked for the sake of this command.
        case awaitingSlot(ReplicationCommand)
        /// A base backup was asked for and has not begun.
        case beginningBackup(BaseBackupOptions)
        /// A base backup is being sent.
        case backup(BaseBackup)
        /// WAL flows.
        case streaming(Stream)
        /// We have ended the stream, as its timeline ended; the client's CopyDone is still to come.
        case ending(next: NextTimeline, Stream)
        /// The connection is given up.
        case closed
    }

    /// Where an old timeline ends.
    public struct NextTimeline: Hashable, Sendable {
        /// The timeline that took over.
        public var timeline: Timeline
        /// The first position that is its own.
        public var switchpoint: LSN
    }

    /// A stream under way.
    public struct Stream: Hashable, Sendable {
        /// The timeline asked for.
        public var timeline: Timeline
        /// Handed to the socket up to here (last byte + 1).
        public var sent: LSN
        /// The slot it uses.
        public let slot: String?
        /// Where the timeline ends, if the server has left it.
        public internal(set) var end: NextTimeline?
        /// How long the client has said nothing.
        var silence: Silence
        /// The slot was told of this position last.
        var confirmed: LSN?
        /// The log was found to be there from the start of the stream on.
        var isFounded = false
        /// There was a moment when nothing was left to send.
        var hasCaughtUp = false
        /// A read was asked for and has not come back.
        var isReading = false
        /// A reply was asked for, and since then nothing was sent and no progress reported.
        var isPinged = false

        init(timeline: Timeline, sent: LSN, slot: String?, now: PostgresTime) {
            self.timeline = timeline
            self.sent = sent
            self.slot = slot
            silence = Silence(since: now)
        }

        /// Notices that the server has left the timeline, before the stream or during it: a
        /// standby was promoted, or follows its upstream to the next timeline. Gives the error if
        /// the server's history does not know the timeline.
        mutating func follow(_ server: Server) -> ServerError? {
            guard end == nil, timeline != server.timeline else { return nil }
            guard let switchpoint = server.history.switchpoint(of: timeline),
                let next = server.history.successor(of: timeline, current: server.timeline)
            else { return WALSender.notInHistory(timeline) }
            end = NextTimeline(timeline: next, switchpoint: switchpoint)
            return nil
        }

        /// What may be sent now ends here (last byte + 1).
        func limit(_ server: Server) -> LSN {
            end.map { min($0.switchpoint, server.flushLSN) } ?? server.flushLSN
        }
    }
}
