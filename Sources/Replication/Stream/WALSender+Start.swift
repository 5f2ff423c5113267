public import WALFormat
public import WireProtocol

// How a stream begins, or does not.
extension WALSender {
    /// What becomes of a START_REPLICATION.
    public enum Start: Hashable, Sendable {
        /// CopyBoth begins, and then the stream.
        case streams(WALSender)
        /// No such place is on this server's history. The client hears it instead of CopyBoth.
        case refused(ServerError)
        /// The log is not that far. The client hears it after CopyBoth; clients depend on that.
        case refusedInCopyBoth(ServerError)
        /// The timeline ends right there: nothing to stream, so no CopyBoth either.
        case timelineEnded(NextTimeline)
    }

    /// PostgreSQL: `StartReplication`.
    public static func start(
        at start: LSN, on asked: Timeline?, slot: String?, server: Server
    ) -> Start {
        let timeline = asked ?? server.timeline
        var sender = WALSender(timeline: timeline, sent: start, slot: slot, now: server.now)
        guard sender.follow(server) else { return .refused(notInHistory(timeline)) }
        if let end = sender.end {
            guard start <= end.switchpoint else {
                return .refused(forked(timeline, at: end.switchpoint, start: start))
            }
            if start == end.switchpoint { return .timelineEnded(end) }
        }
        guard start <= server.flushLSN else {
            return .refusedInCopyBoth(ahead(start, of: server.flushLSN))
        }
        return .streams(sender)
    }

    private static func notInHistory(_ timeline: Timeline) -> ServerError {
        ServerError(
            code: .internalError,
            message: "requested timeline \(timeline) is not in this server's history")
    }

    private static func forked(_ timeline: Timeline, at fork: LSN, start: LSN) -> ServerError {
        ServerError(
            code: .internalError,
            message: "requested starting point \(start) on timeline \(timeline)"
                + " is not in this server's history",
            detail: "This server's history forked from timeline \(timeline) at \(fork).")
    }

    private static func ahead(_ start: LSN, of flushLSN: LSN) -> ServerError {
        ServerError(
            code: .internalError,
            message: "requested starting point \(start) is ahead of the WAL flush position"
                + " of this server \(flushLSN)")
    }
}

// The timeline, and where it ends.
extension WALSender {
    /// Where an old timeline ends.
    public struct NextTimeline: Hashable, Sendable {
        /// The timeline that took over.
        public var timeline: Timeline
        /// The first position that is its own.
        public var switchpoint: LSN
    }

    /// Notices that the server has left the timeline, before the stream or during it: a standby was
    /// promoted, or follows its upstream to the next timeline. False, and the stream is over, if
    /// the server's history does not know the timeline.
    mutating func follow(_ server: Server) -> Bool {
        guard end == nil, timeline != server.timeline else { return true }
        guard let switchpoint = server.history.switchpoint(of: timeline),
            let next = server.history.successor(of: timeline, current: server.timeline)
        else {
            phase = .over(.failed(Self.notInHistory(timeline)))
            return false
        }
        end = NextTimeline(timeline: next, switchpoint: switchpoint)
        return true
    }

    /// What may be sent now ends here (last byte + 1).
    func limit(_ server: Server) -> LSN {
        end.map { min($0.switchpoint, server.flushLSN) } ?? server.flushLSN
    }

    /// The timeline is sent to its end: our CopyDone; what comes next is said after the client's.
    mutating func endTimeline(_ end: NextTimeline) -> [Action] {
        phase = isStopping ? .over(.closing) : .ending(next: end)
        return [.sendCopyDone]
    }
}
