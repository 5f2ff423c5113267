public import WALFormat
public import WireProtocol

/// The chapter's walsender: one stream of WAL to one client, from an accepted START_REPLICATION to
/// the last CopyDone. WAL goes down, status reports come up. Pure: no socket, no disk, no clock.
///
/// It is not the connection: commands, slots and base backups are the conversation's around it,
/// which also says the last words (`End`). PostgreSQL: `WalSndLoop`, `XLogSendPhysical` and
/// `ProcessRepliesIfAny` in `walsender.c`. Its positions keep PostgreSQL's names: `sent` is what
/// was handed to the socket; `write`, `flush` and `apply` are what the replica last reported. The
/// server may be a primary or a standby; of the latter, too, only what is flushed is sent.
///
/// - Only flushed WAL is sent, and never past the point where its timeline was left.
/// - One read of the log is under way at a time, so what is buffered is bounded.
/// - A record is cut at page edges only, and the pieces fit without a gap.
/// - A stopping server asks for a confirmation once, and again only after WAL or word has moved.
/// - A client that says nothing for `Server.timeout` is given up.
public struct WALSender: Hashable, Sendable {
    /// What the shell has to do.
    public enum Action: Hashable, Sendable {
        /// Read the server's log, along its own history. Answer with `walRead` or `readFailed`.
        case readWAL(from: LSN, upTo: LSN)
        /// Send a piece of WAL as CopyData.
        case sendWAL(XLogData)
        /// Send a heartbeat as CopyData.
        case sendKeepalive(Keepalive)
        /// Send CopyDone: no more WAL comes.
        case sendCopyDone
        /// The client has made WAL durable up to there: `SlotTable.confirm`.
        case confirmSlot(String, flushed: LSN)
        /// The client needs rows that this transaction or a later one has deleted, nil none:
        /// `SlotTable.hold`.
        case holdRows(String, from: TransactionID?)
    }

    /// Where the stream stands.
    public enum Phase: Hashable, Sendable {
        /// WAL flows.
        case streaming
        /// We have ended the stream, as its timeline ended; the client's CopyDone is still to come.
        case ending(next: NextTimeline)
        /// Nothing more is sent or taken.
        case over(End)
    }

    /// At most this much is read, and handed to the socket, in one go.
    public static let readByteCount = 1 << 20

    /// The timeline asked for.
    public let timeline: Timeline
    /// The slot it uses.
    public let slot: String?
    /// Handed to the socket up to here (last byte + 1).
    public internal(set) var sent: LSN
    /// Where the stream stands.
    public internal(set) var phase = Phase.streaming
    /// What the replica last said it has; nil before it said anything.
    public internal(set) var reported: StandbyStatus?
    /// The client's readers need rows that this transaction or a later one has deleted, which no
    /// slot keeps for it; nil: none. PostgreSQL: the `xmin` of the walsender's process.
    public internal(set) var xmin: TransactionID?
    /// Where the timeline ends, if the server has left it.
    var end: NextTimeline?
    /// The server is stopping: the stream ends once everything was confirmed.
    var isStopping = false
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

    /// Whether WAL flows (or would, if there were any).
    public var isStreaming: Bool { phase == .streaming }

    // MARK: WAL down

    /// Called when nothing else is moving: asks for what is flushed and fits into `room` bytes.
    ///
    /// What does not reach the end of the WAL is cut at a page edge, so less than a page (8 KiB) of
    /// room may mean: wait.
    public mutating func pump(server: Server, room: Int) -> [Action] {
        guard isStreaming, !isReading, follow(server) else { return [] }
        if let end, sent >= end.switchpoint { return endTimeline(end) }
        let limit = limit(server)
        guard sent < limit else {
            hasCaughtUp = true
            return found(server) + finishIfConfirmed(server)
        }
        let next = Self.cut(from: sent, upTo: limit, atMost: min(room, Self.readByteCount))
        guard sent < next else { return [] }
        isReading = true
        return [.readWAL(from: sent, upTo: next)]
    }

    /// The log asked for arrived. It goes out in messages of at most 128 KiB.
    public mutating func walRead(at start: LSN, _ bytes: [UInt8], server: Server) -> [Action] {
        guard isStreaming, isReading, sent == start else { return [] }
        isReading = false
        // Meanwhile the server may have left the timeline, before the end of what was read.
        guard follow(server) else { return [] }
        let limit = limit(server)
        let last = min(start.advanced(by: bytes.count), limit)
        var actions = found(server)
        while sent < last {
            let next = Self.cut(from: sent, upTo: last, atMost: XLogData.maximumByteCount)
            let piece = bytes[(sent - start)..<(next - start)]
            actions.append(
                .sendWAL(XLogData(start: sent, walEnd: limit, sentAt: server.now, bytes: piece)))
            sent = next
            isPinged = false
        }
        return actions
    }

    /// The log asked for is not there any more (58P01) or cannot be read.
    public mutating func readFailed(_ error: ServerError) {
        if isStreaming { phase = .over(.failed(error)) }
    }

    /// Where WAL from `start` is cut if no more than `byteCount` may go: at the last page edge, or
    /// at its end if all of it may. `start` itself if there is no edge so near.
    private static func cut(from start: LSN, upTo end: LSN, atMost byteCount: Int) -> LSN {
        guard end - start > byteCount else { return end }
        let limit = start.advanced(by: max(byteCount, 0)).rawValue
        return max(start, LSN(limit - limit % 8192))
    }

    // MARK: Reports up

    /// The client said something inside the stream.
    public mutating func received(_ message: ReplicationMessage, server: Server) -> [Action] {
        switch (message, phase) {
        case (_, .over), (.hotStandbyFeedback, .ending):
            return []
        case (.hotStandbyFeedback(let feedback), .streaming):
            silence.received(at: server.now)
            return feedbackReceived(feedback, server)
        case (.statusUpdate(let status), .streaming):
            return statusReceived(status, server)
        case (.statusUpdate(let status), .ending):
            // No heartbeat may follow our CopyDone.
            reported = status
            silence.received(at: server.now)
            return confirm(server)
        case (.xLogData, .streaming), (.keepalive, .streaming), (.xLogData, .ending),
            (.keepalive, .ending):
            // A client has no business sending these; PostgreSQL drops the link without a word.
            phase = .over(.closing)
            return []
        }
    }

    private mutating func statusReceived(
        _ status: StandbyStatus, _ server: Server
    ) -> [Action] {
        // An answer that brings nothing new is no reason to ask again: the two would never rest.
        let isProgress =
            reported.map { status.write > $0.write || status.flush > $0.flush } ?? true
        if isProgress { isPinged = false }
        reported = status
        silence.received(at: server.now)
        let answer = status.replyRequested ? [keepalive(server, replyRequested: false)] : []
        return confirm(server) + answer + finishIfConfirmed(server)
    }

    /// PostgreSQL: `WalSndKeepalive`, whose position is what was sent, not what is flushed.
    func keepalive(_ server: Server, replyRequested: Bool) -> Action {
        .sendKeepalive(
            Keepalive(walEnd: sent, sentAt: server.now, replyRequested: replyRequested))
    }
}
