public import WALFormat
public import WireProtocol

// The stream: WAL down, status reports up.
extension WALSender {
    /// Called when nothing else is moving: sends what is flushed and fits into `room` bytes, or
    /// what is next of a base backup.
    ///
    /// What does not reach the end of the WAL is cut at a page edge, so less than a page (8 KiB) of
    /// room may mean: wait. PostgreSQL: `XLogSendPhysical`.
    public mutating func pump(server: Server, room: Int) -> [Action] {
        if case .backup = phase { return pumpBackup(server: server, room: room) }
        guard case .streaming(var stream) = phase, !stream.isReading else { return [] }
        if let error = stream.follow(server) { return readFailed(error) }
        phase = .streaming(stream)
        if let end = stream.end, stream.sent >= end.switchpoint { return endTimeline(end, stream) }
        let limit = stream.limit(server)
        guard stream.sent < limit else {
            stream.hasCaughtUp = true
            let confirmation = stream.found(reported, server)
            phase = .streaming(stream)
            return confirmation + finishIfConfirmed(server)
        }
        let end = Self.cut(
            from: stream.sent, upTo: limit, atMost: min(room, Self.readByteCount))
        guard stream.sent < end else { return [] }
        stream.isReading = true
        phase = .streaming(stream)
        return [.readWAL(from: stream.sent, upTo: end)]
    }

    /// The log asked for arrived. It goes out in messages of at most 128 KiB.
    public mutating func walRead(at start: LSN, _ bytes: [UInt8], server: Server) -> [Action] {
        guard case .streaming(var stream) = phase, stream.isReading, stream.sent == start else {
            return []
        }
        stream.isReading = false
        // Meanwhile the server may have left the timeline, before the end of what was read.
        if let error = stream.follow(server) { return readFailed(error) }
        let limit = stream.limit(server)
        let end = min(start.advanced(by: bytes.count), limit)
        var actions = stream.found(reported, server)
        while stream.sent < end {
            let next = Self.cut(from: stream.sent, upTo: end, atMost: XLogData.maximumByteCount)
            let piece = bytes[(stream.sent - start)..<(next - start)]
            actions.append(
                .sendWAL(
                    XLogData(
                        start: stream.sent, walEnd: limit, sentAt: server.now, bytes: piece)))
            stream.sent = next
            stream.isPinged = false
        }
        phase = .streaming(stream)
        return actions
    }

    /// The log asked for is not there any more (58P01) or cannot be read.
    public mutating func readFailed(_ error: ServerError) -> [Action] {
        guard case .streaming = phase else { return [] }
        // Whoever uses a slot lets go of it in `refuse`; a connection that closes, all the more.
        if isStopping {
            phase = .closed
            return [.send(.errorResponse(error)), .close]
        }
        phase = .idle
        return [.leaveCopyBoth] + refuse(error)
    }
}

extension WALSender {
    /// PostgreSQL: `StartReplication`. A start ahead of the log is refused only after CopyBoth, a
    /// start off this server's history before it; clients depend on which comes first.
    mutating func startReplication(
        at start: LSN, _ asked: Timeline?, slot: String?, server: Server
    ) -> [Action] {
        let timeline = asked ?? server.timeline
        var stream = Stream(timeline: timeline, sent: start, slot: slot, now: server.now)
        reported = nil
        if let error = stream.follow(server) { return refuse(error) }
        if let end = stream.end {
            guard start <= end.switchpoint else {
                return refuse(Self.forked(timeline, at: end.switchpoint, start: start))
            }
            // Nothing to stream, so no CopyBoth either.
            if start == end.switchpoint {
                return release(stream) + reply(Self.endOfStream(end).messages)
            }
        }
        guard start <= server.flushLSN else {
            return [.send(.copyBothResponse())] + refuse(Self.ahead(start, of: server.flushLSN))
        }
        phase = .streaming(stream)
        return [.send(.copyBothResponse()), .enterCopyBoth]
    }

    /// The timeline is sent to its end: our CopyDone; what comes next is said after the client's.
    private mutating func endTimeline(_ end: NextTimeline, _ stream: Stream) -> [Action] {
        phase = isStopping ? .closed : .ending(next: end, stream)
        return [.send(.copyDone)] + (isStopping ? [.close] : [])
    }

    /// Both sides have sent CopyDone.
    mutating func streamEnded(_ stream: Stream, _ next: NextTimeline?) -> [Action] {
        if isStopping {
            phase = .closed
            return [.close]
        }
        phase = .idle
        return [.leaveCopyBoth] + release(stream) + reply(Self.endOfStream(next).messages)
    }

    private func release(_ stream: Stream) -> [Action] {
        stream.slot == nil ? [] : [.releaseSlot]
    }

    mutating func statusReceived(
        _ status: StandbyStatus, _ stream: Stream, _ server: Server
    ) -> [Action] {
        var stream = stream
        // An answer that brings nothing new is no reason to ask again: the two would never rest.
        let isProgress =
            reported.map { status.write > $0.write || status.flush > $0.flush } ?? true
        if isProgress { stream.isPinged = false }
        reported = status
        stream.silence.heard(at: server.now)
        let confirmation = stream.confirm(status, server)
        phase = .streaming(stream)
        let answer =
            status.replyRequested ? [keepalive(stream, server, replyRequested: false)] : []
        return confirmation + answer + finishIfConfirmed(server)
    }

    /// PostgreSQL: `WalSndDone`.
    mutating func finishIfConfirmed(_ server: Server) -> [Action] {
        guard isStopping, case .streaming(var stream) = phase, !stream.isReading,
            stream.end == nil, stream.timeline == server.timeline, stream.sent == server.flushLSN
        else { return [] }
        // A client that never flushes (pg_receivewal without a slot) reports 0; its write counts.
        let confirmed = reported.map { $0.flush == .invalid ? $0.write : $0.flush }
        if let confirmed, confirmed >= stream.sent {
            phase = .closed
            return [.send(.commandComplete("COPY 0")), .close]
        }
        guard !stream.isPinged else { return [] }
        stream.isPinged = true
        stream.silence.isAsked = true
        phase = .streaming(stream)
        return [keepalive(stream, server, replyRequested: true)]
    }

    /// PostgreSQL: `WalSndKeepalive`, whose position is what was sent, not what is flushed.
    func keepalive(_ stream: Stream, _ server: Server, replyRequested: Bool) -> Action {
        .sendKeepalive(
            Keepalive(walEnd: stream.sent, sentAt: server.now, replyRequested: replyRequested))
    }

    /// Where WAL from `start` is cut if no more than `byteCount` may go: at the last page edge, or
    /// at its end if all of it may. `start` itself if there is no edge so near.
    static func cut(from start: LSN, upTo end: LSN, atMost byteCount: Int) -> LSN {
        guard end - start > byteCount else { return end }
        let limit = start.advanced(by: max(byteCount, 0)).rawValue
        return max(start, LSN(limit - limit % 8192))
    }
}
