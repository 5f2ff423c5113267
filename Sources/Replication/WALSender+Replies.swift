import WALFormat
import WireProtocol

// What the sender answers, in PostgreSQL's words.
extension WALSender {
    func reply(_ messages: [BackendMessage]) -> [Action] {
        messages.map(Action.send) + [.send(.readyForQuery(.idle))]
    }

    func reply(_ end: StartReplicationReply) -> [Action] {
        reply(end.messages)
    }

    func refuse(_ error: ServerError) -> [Action] {
        [.send(.errorResponse(error)), .send(.readyForQuery(.idle))]
    }

    func keepalive(_ server: Server, replyRequested: Bool) -> Action {
        .sendKeepalive(
            Keepalive(
                walEnd: server.flushLSN, sentAt: server.now, replyRequested: replyRequested))
    }

    func show(_ name: String, server: Server) -> [Action] {
        let value: String
        switch name.lowercased() {
        case "wal_segment_size": value = server.segmentSize.label
        case "data_directory_mode": value = "0700"
        case "server_version": value = ServerIdentity.version
        default:
            return refuse(
                ServerError(
                    code: .undefinedObject,
                    message: "unrecognized configuration parameter \"\(name)\""))
        }
        return reply(ShowReply(name: name, value: value).messages)
    }

    /// PostgreSQL: `StartReplication`. A start ahead of the log is refused only after CopyBoth, a
    /// start off this server's history before it; clients depend on which comes first.
    mutating func startReplication(
        at start: LSN, _ timeline: Timeline, server: Server
    ) -> [Action] {
        var end: NextTimeline?
        if timeline != server.timeline {
            guard let fork = server.history.switchpoint(of: timeline),
                let next = server.history.successor(of: timeline, current: server.timeline)
            else {
                return refuse(Self.notInHistory(timeline))
            }
            guard start <= fork else {
                return refuse(Self.forked(timeline, at: fork, start: start))
            }
            end = NextTimeline(timeline: next, switchpoint: fork)
            if start == fork { return reply(StartReplicationReply(next: end)) }
        }
        guard start <= server.flushLSN else {
            return [.send(.copyBothResponse())] + refuse(Self.ahead(start, of: server.flushLSN))
        }
        phase = .streaming(Stream(timeline: timeline, sent: start, end: end))
        return [.send(.copyBothResponse()), .enterCopyBoth]
    }

    /// PostgreSQL: `WalSndDone`.
    mutating func finishIfConfirmed(_ server: Server) -> [Action] {
        guard case .streaming(let stream) = phase, stream.isStopping, !stream.isReading,
            stream.sent == server.flushLSN
        else { return [] }
        // A client that never flushes (pg_receivewal without a slot) reports 0; its write counts.
        let confirmed = reported.map { $0.flush == .invalid ? $0.write : $0.flush }
        guard let confirmed, confirmed >= stream.sent else {
            return [keepalive(server, replyRequested: true)]
        }
        phase = .closed
        return [.send(.commandComplete("COPY 0")), .close]
    }

    /// Where a message that begins at `start` is cut when WAL up to `end` waits.
    static func cut(from start: LSN, upTo end: LSN) -> LSN {
        guard end - start > XLogData.maximumByteCount else { return end }
        let limit = start.advanced(by: XLogData.maximumByteCount)
        return LSN(limit.rawValue - limit.rawValue % 8192)
    }
}

// Refusals.
extension WALSender {
    static func notInHistory(_ timeline: Timeline) -> ServerError {
        ServerError(
            code: .internalError,
            message: "requested timeline \(timeline.rawValue) is not in this server's history")
    }

    static func forked(_ timeline: Timeline, at fork: LSN, start: LSN) -> ServerError {
        ServerError(
            code: .internalError,
            message: "requested starting point \(start) on timeline \(timeline.rawValue)"
                + " is not in this server's history",
            detail: "This server's history forked from timeline \(timeline.rawValue) at \(fork).")
    }

    static func ahead(_ start: LSN, of flushLSN: LSN) -> ServerError {
        ServerError(
            code: .internalError,
            message: "requested starting point \(start) is ahead of the WAL flush position"
                + " of this server \(flushLSN)")
    }

    static func noSlot(_ name: String) -> ServerError {
        ServerError(
            code: .undefinedObject, message: "replication slot \"\(name)\" does not exist")
    }

    static func noHistory(_ timeline: Timeline) -> ServerError {
        ServerError(
            code: .undefinedFile,
            message: "could not open file \"pg_wal/\(TimelineHistory.fileName(timeline))\":"
                + " No such file or directory")
    }

    static func unsupported(_ what: String) -> ServerError {
        ServerError(
            code: .featureNotSupported, message: "\(what) are not supported by this lab",
            hint: "Stream without one: START_REPLICATION X/X.")
    }
}

/// How the lab's servers name themselves. PostgreSQL's clients read the leading number.
public enum ServerIdentity {
    /// The value of `server_version`.
    public static let version = "15.0 (shiplog 0.1)"
}

extension StartReplicationReply {
    fileprivate init(next: WALSender.NextTimeline?) {
        self.init(nextTimeline: next?.timeline, nextStart: next?.switchpoint)
    }
}
