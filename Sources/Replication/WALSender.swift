public import WALFormat
public import WireProtocol

/// The upstream's side of one replication connection: answers the replication commands and
/// streams WAL. Pure: no socket, no disk, no clock.
///
/// PostgreSQL: `walsender.c`. Its positions keep PostgreSQL's names: `sent` is what was handed to
/// the socket; `write`, `flush` and `apply` are what the replica last reported.
///
/// - Only flushed WAL is sent.
/// - One read of the log is under way at a time, so what is buffered is bounded.
/// - A record may be cut anywhere: the stream is bytes, and its pieces fit without a gap.
public struct WALSender: Hashable, Sendable {
    /// What the server is, at the moment of an event.
    public struct Server: Hashable, Sendable {
        /// The cluster's number.
        public var systemIdentifier: UInt64
        /// The timeline being written or replayed.
        public var timeline: Timeline
        /// How that timeline came about.
        public var history: TimelineHistory
        /// WAL up to here (last byte + 1) is durable on the server.
        public var flushLSN: LSN
        /// The size of a segment file.
        public var segmentSize: SegmentSize
        /// Stamps messages.
        public var now: PostgresTime

        /// A server's state from its parts.
        public init(
            systemIdentifier: UInt64, timeline: Timeline, history: TimelineHistory,
            flushLSN: LSN, segmentSize: SegmentSize, now: PostgresTime
        ) {
            self.systemIdentifier = systemIdentifier
            self.timeline = timeline
            self.history = history
            self.flushLSN = flushLSN
            self.segmentSize = segmentSize
            self.now = now
        }
    }

    /// Where the conversation stands.
    public enum Phase: Hashable, Sendable {
        /// Between commands.
        case idle
        case streaming(Stream)
        /// We have ended the stream (`c`); the client's `c` is still to come.
        case ending(next: NextTimeline?)
        case closed
    }

    /// A stream under way.
    public struct Stream: Hashable, Sendable {
        /// The timeline asked for.
        public var timeline: Timeline
        /// Handed to the socket up to here (last byte + 1).
        public var sent: LSN
        /// An old timeline ends here, and the next begins.
        var end: NextTimeline?
        /// A read was asked for and has not come back.
        var isReading = false
        /// The server is stopping: end the stream once everything was confirmed.
        var isStopping = false
    }

    /// Where an old timeline ends.
    public struct NextTimeline: Hashable, Sendable {
        var timeline: Timeline
        var switchpoint: LSN
    }

    /// What the shell has to do.
    public enum Action: Hashable, Sendable {
        case send(BackendMessage)
        case sendWAL(XLogData)
        case sendKeepalive(Keepalive)
        /// Read the server's log, along its own history. Answer with `walRead` or `readFailed`.
        case readWAL(from: LSN, upTo: LSN)
        /// Bring the text of this timeline's history. Answer with `historyRead`.
        case readHistory(Timeline)
        /// The stream begins, or is over: what the client may send changes.
        case enterCopyBoth
        case leaveCopyBoth
        case close
    }

    /// At most this much is read, and handed to the socket, in one go.
    public static let readByteCount = 1 << 20

    /// Where the conversation stands.
    public private(set) var phase: Phase = .idle
    /// What the replica last said it has; nil before it said anything.
    public private(set) var reported: StandbyStatus?

    /// A sender for a client that was just let in.
    public init() {}

    /// Handed to the socket up to here; nil when nothing streams.
    public var sentLSN: LSN? {
        switch phase {
        case .streaming(let stream): stream.sent
        case .idle, .ending, .closed: nil
        }
    }

    // MARK: Events

    /// The client sent a command. During a stream it must not.
    public mutating func commandReceived(
        _ command: ReplicationCommand, server: Server
    ) -> [Action] {
        switch command {
        case .identifySystem:
            return reply(
                IdentifySystemReply(
                    systemIdentifier: server.systemIdentifier, timeline: server.timeline,
                    flushLSN: server.flushLSN
                ).messages)
        case .showParameter(let name):
            return show(name, server: server)
        case .timelineHistory(let timeline):
            return [.readHistory(timeline)]
        case .startReplication(let slot, let start, let timeline):
            if let slot { return refuse(Self.noSlot(slot)) }
            return startReplication(at: start, timeline ?? server.timeline, server: server)
        case .createPhysicalSlot, .readSlot, .dropSlot:
            return refuse(Self.unsupported("replication slots"))
        case .baseBackup:
            return refuse(Self.unsupported("base backups"))
        }
    }

    /// A history file was brought, or there is none.
    public mutating func historyRead(_ timeline: Timeline, _ history: TimelineHistory?) -> [Action] {
        guard let history else { return refuse(Self.noHistory(timeline)) }
        return reply(TimelineHistoryReply(timeline: timeline, history: history).messages)
    }

    /// The replica said something inside the stream.
    public mutating func copyDataReceived(
        _ message: ReplicationMessage, server: Server
    ) -> [Action] {
        switch message {
        case .statusUpdate(let status):
            reported = status
            var actions: [Action] = []
            if status.replyRequested { actions.append(keepalive(server, replyRequested: false)) }
            return actions + finishIfConfirmed(server)
        case .hotStandbyFeedback:
            return []
        case .xLogData, .keepalive:
            // A client has no business sending these; PostgreSQL drops the link without a word.
            phase = .closed
            return [.close]
        }
    }

    /// The client ended its side of the stream.
    public mutating func copyDoneReceived() -> [Action] {
        switch phase {
        case .streaming:
            phase = .idle
            return [.send(.copyDone), .leaveCopyBoth] + reply(StartReplicationReply(next: nil))
        case .ending(let next):
            phase = .idle
            return [.leaveCopyBoth] + reply(StartReplicationReply(next: next))
        case .idle, .closed:
            return []
        }
    }

    /// Called when nothing else is moving: sends what is flushed and fits into `room` bytes.
    public mutating func pump(server: Server, room: Int) -> [Action] {
        guard case .streaming(var stream) = phase, !stream.isReading else { return [] }
        let limit = min(server.flushLSN, stream.end?.switchpoint ?? server.flushLSN)
        if let end = stream.end, stream.sent >= end.switchpoint {
            phase = .ending(next: end)
            return [.send(.copyDone)]
        }
        guard stream.sent < limit, room > 0 else { return [] }
        let count = min(limit - stream.sent, room, Self.readByteCount)
        stream.isReading = true
        phase = .streaming(stream)
        return [.readWAL(from: stream.sent, upTo: stream.sent.advanced(by: count))]
    }

    /// The log asked for arrived. It goes out in messages of at most 128 KiB, cut at page edges as
    /// long as more follows, as PostgreSQL's `XLogSendPhysical` cuts them.
    public mutating func walRead(at start: LSN, _ bytes: [UInt8], server: Server) -> [Action] {
        guard case .streaming(var stream) = phase, stream.isReading, stream.sent == start else {
            return []
        }
        stream.isReading = false
        let end = start.advanced(by: bytes.count)
        var actions: [Action] = []
        while stream.sent < end {
            let next = Self.cut(from: stream.sent, upTo: end)
            let piece = bytes[(stream.sent - start)..<(next - start)]
            actions.append(
                .sendWAL(
                    XLogData(
                        start: stream.sent, walEnd: server.flushLSN, sentAt: server.now,
                        bytes: Array(piece))))
            stream.sent = next
        }
        phase = .streaming(stream)
        return actions
    }

    /// The log asked for is not there any more (58P01) or cannot be read.
    public mutating func readFailed(_ error: ServerError) -> [Action] {
        guard case .streaming = phase else { return [] }
        phase = .idle
        return [.leaveCopyBoth, .send(.errorResponse(error)), .send(.readyForQuery(.idle))]
    }

    /// The server stops cleanly: everything goes out and is confirmed first.
    public mutating func serverStops(server: Server) -> [Action] {
        switch phase {
        case .streaming(var stream):
            stream.isStopping = true
            phase = .streaming(stream)
            return finishIfConfirmed(server)
        case .idle, .ending:
            phase = .closed
            return [.close]
        case .closed:
            return []
        }
    }

    /// Whether a stopping server may go: nothing is left that this client has not confirmed.
    public var isFinished: Bool { phase == .closed }
}
