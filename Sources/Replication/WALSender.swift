public import WALFormat
public import WireProtocol

/// The upstream's side of one replication connection: answers the replication commands and
/// streams WAL. Pure: no socket, no disk, no clock.
///
/// PostgreSQL: `walsender.c`. Its positions keep PostgreSQL's names: `sent` is what was handed to
/// the socket; `write`, `flush` and `apply` are what the replica last reported. The server may be
/// a primary or a standby; of the latter, too, only what is flushed is sent.
///
/// It does not know replication slots, base backups or timeouts.
///
/// - Only flushed WAL is sent, and never past the point where its timeline was left.
/// - One read of the log is under way at a time, so what is buffered is bounded.
/// - A record is cut at page edges only, and the pieces fit without a gap.
/// - A stopping server asks for a confirmation once, and again only after WAL or word has moved.
public struct WALSender: Hashable, Sendable {
    /// What the shell has to do.
    public enum Action: Hashable, Sendable {
        /// Send a message.
        case send(BackendMessage)
        /// Send a piece of WAL as CopyData.
        case sendWAL(XLogData)
        /// Send a heartbeat as CopyData.
        case sendKeepalive(Keepalive)
        /// Read the server's log, along its own history. Answer with `walRead` or `readFailed`.
        case readWAL(from: LSN, upTo: LSN)
        /// Bring this timeline's history; no further command before `historyRead` is the answer.
        case readHistory(Timeline)
        /// The stream begins: the client may send CopyData and CopyDone, and no commands.
        case enterCopyBoth
        /// The stream is over: the client may send commands.
        case leaveCopyBoth
        /// Send what was given, then close the connection.
        case close
    }

    /// At most this much is read, and handed to the socket, in one go.
    public static let readByteCount = 1 << 20

    /// Where the conversation stands.
    public internal(set) var phase: Phase = .idle
    /// What the replica last said it has; nil before it said anything.
    public internal(set) var reported: StandbyStatus?
    /// The server is stopping: the connection ends once everything was confirmed.
    var isStopping = false

    /// A sender for a client that was just let in.
    public init() {}

    /// Handed to the socket up to here; nil when nothing streams.
    public var sentLSN: LSN? {
        switch phase {
        case .streaming(let stream): stream.sent
        case .idle, .ending, .closed: nil
        }
    }

    /// Whether a stopping server may go: nothing is left that this client has not confirmed.
    public var isFinished: Bool { phase == .closed }

    // MARK: Commands

    /// The client sent a command. During a stream it cannot: its decoder lets none through.
    public mutating func commandReceived(
        _ command: ReplicationCommand, server: Server
    ) -> [Action] {
        guard case .idle = phase else { return [] }
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

    /// A timeline's history was brought, or nil: there is none.
    public mutating func historyRead(
        _ timeline: Timeline, _ history: TimelineHistory?
    ) -> [Action] {
        guard case .idle = phase else { return [] }
        guard let history else { return refuse(Self.noHistory(timeline)) }
        return reply(
            TimelineHistoryReply(
                fileName: TimelineHistory.fileName(timeline),
                content: Array(history.description.utf8)
            ).messages)
    }

    // MARK: The client's side of the stream

    /// The client said something inside the stream, or still says it after the stream has failed:
    /// that is dropped, as PostgreSQL drops it.
    public mutating func copyDataReceived(
        _ message: ReplicationMessage, server: Server
    ) -> [Action] {
        switch (message, phase) {
        case (_, .idle), (_, .closed), (.hotStandbyFeedback, _):
            return []
        case (.statusUpdate(let status), .streaming(let stream)):
            return statusReceived(status, stream, server)
        case (.statusUpdate(let status), .ending):
            // No heartbeat may follow our CopyDone.
            reported = status
            return []
        case (.xLogData, .streaming), (.keepalive, .streaming), (.xLogData, .ending),
            (.keepalive, .ending):
            // A client has no business sending these; PostgreSQL drops the link without a word.
            phase = .closed
            return [.close]
        }
    }

    /// The client ended its side of the stream.
    public mutating func copyDoneReceived() -> [Action] {
        switch phase {
        case .streaming(let stream):
            return [.send(.copyDone)] + streamEnded(stream.end)
        case .ending(let next):
            return streamEnded(next)
        case .idle, .closed:
            return []
        }
    }

    // MARK: The server's end

    /// The server stops cleanly. Call it once, when the last record it will ever write (the
    /// shutdown checkpoint) is durable: a streaming client gets everything up to there and has to
    /// confirm it first; whoever does not stream is cut off. PostgreSQL: SIGUSR2 to the walsender.
    public mutating func serverStops(server: Server) -> [Action] {
        isStopping = true
        switch phase {
        case .streaming:
            return finishIfConfirmed(server)
        case .idle:
            phase = .closed
            return [.send(.errorResponse(Self.shutdown)), .close]
        case .ending:
            phase = .closed
            return [.close]
        case .closed:
            return []
        }
    }
}
