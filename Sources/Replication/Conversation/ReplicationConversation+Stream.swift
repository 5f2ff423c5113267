public import WALFormat
public import WireProtocol

// A stream, from START_REPLICATION to the last word about it.
extension ReplicationConversation {
    mutating func startReplication(
        at start: LSN, _ timeline: Timeline?, slot: String?, server: WALSender.Server
    ) -> [Action] {
        reported = nil
        switch WALSender.start(at: start, on: timeline, slot: slot, server: server) {
        case .refused(let error):
            return refuse(error)
        case .refusedInCopyBoth(let error):
            return [.send(.copyBothResponse())] + refuse(error)
        case .timelineEnded(let next):
            return release(slot) + reply(Self.endOfStream(next).messages)
        case .streams(let sender):
            phase = .streaming(sender)
            return [.send(.copyBothResponse()), .enterCopyBoth]
        }
    }

    /// Called when nothing else is moving: sends what is due and fits into `room` bytes, of a
    /// stream or of a base backup.
    public mutating func pump(server: WALSender.Server, room: Int) -> [Action] {
        if case .backup = phase { return pumpBackup(server: server, room: room) }
        return withStream { $0.pump(server: server, room: room) }
    }

    /// The log asked for arrived.
    public mutating func walRead(
        at start: LSN, _ bytes: [UInt8], server: WALSender.Server
    ) -> [Action] {
        withStream { $0.walRead(at: start, bytes, server: server) }
    }

    /// The log asked for is not there any more (58P01) or cannot be read.
    public mutating func readFailed(_ error: ServerError) -> [Action] {
        withStream {
            $0.readFailed(error)
            return []
        }
    }

    /// The client said something inside the stream, or still says it after the stream has failed:
    /// that is dropped, as PostgreSQL drops it.
    public mutating func copyDataReceived(
        _ message: ReplicationMessage, server: WALSender.Server
    ) -> [Action] {
        withStream { $0.received(message, server: server) }
    }

    /// The client ended its side of the stream.
    public mutating func copyDoneReceived() -> [Action] {
        withStream { $0.copyDoneReceived() }
    }

    mutating func withStream(_ event: (inout WALSender) -> [WALSender.Action]) -> [Action] {
        guard case .streaming(var sender) = phase else { return [] }
        let actions = event(&sender).map(Action.stream)
        phase = .streaming(sender)
        reported = sender.reported
        guard case .over(let end) = sender.phase else { return actions }
        return actions + streamEnded(end, of: sender)
    }

    private mutating func streamEnded(_ end: WALSender.End, of sender: WALSender) -> [Action] {
        switch end {
        case .copyDone(let next):
            phase = .idle
            return [.leaveCopyBoth] + release(sender.slot)
                + reply(Self.endOfStream(next).messages)
        case .failed(let error) where sender.isStopping:
            // A slot it uses is let go of with the connection.
            return close(after: [.send(.errorResponse(error))])
        case .failed(let error):
            phase = .idle
            return [.leaveCopyBoth] + refuse(error)
        case .confirmed:
            return close(after: [.send(.commandComplete("COPY 0"))])
        case .timedOut(let duration):
            return close(after: [.report(.timedOut(after: duration))])
        case .closing:
            return close(after: [])
        }
    }

    private func release(_ slot: String?) -> [Action] {
        slot == nil ? [] : [.releaseSlot]
    }

    // MARK: Time

    /// When `deadlineReached` should be called at the latest; nil if never. It changes with
    /// events, and mostly moves on: it is enough to look again when the deadline has come.
    public func nextDeadline(server: WALSender.Server) -> PostgresTime? {
        switch phase {
        case .streaming(let sender):
            sender.nextDeadline(server: server)
        case .backup(let backup):
            // In the past it calls for nothing: room or the disk is what the backup waits for.
            backup.throttle?.resumesAt.flatMap { $0 > server.now ? $0 : nil }
        case .idle, .awaitingSlot, .beginningBackup, .closed:
            nil
        }
    }

    /// Time has come to `server.now`. Does nothing if nothing is due; `pump` afterwards.
    public mutating func deadlineReached(server: WALSender.Server) -> [Action] {
        withStream { $0.deadlineReached(server: server) }
    }
}
