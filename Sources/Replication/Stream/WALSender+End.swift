public import WALFormat
public import WireProtocol

// How a stream ends.
extension WALSender {
    /// Why a stream is over. The conversation tells the client.
    public enum End: Hashable, Sendable {
        /// Both sides have sent CopyDone. The timeline that follows, if this one has ended.
        case copyDone(next: NextTimeline?)
        /// The WAL that was due is not there, or cannot be read.
        case failed(ServerError)
        /// The server stops, and the client has confirmed all there is.
        case confirmed
        /// The client said nothing for so long.
        case timedOut(after: Duration)
        /// The connection closes, and nothing is left to say.
        case closing
    }

    /// The client ended its side of the stream.
    public mutating func copyDoneReceived() -> [Action] {
        switch phase {
        case .streaming:
            phase = .over(isStopping ? .closing : .copyDone(next: end))
            return [.sendCopyDone]
        case .ending(let next):
            phase = .over(.copyDone(next: next))
            return []
        case .over:
            return []
        }
    }

    /// The server stops cleanly, and the last record it will ever write (the shutdown checkpoint)
    /// is durable: the client gets everything up to there, and has to confirm it first.
    public mutating func serverStops(server: Server) -> [Action] {
        isStopping = true
        switch phase {
        case .streaming: return finishIfConfirmed(server)
        case .ending: phase = .over(.closing)
        case .over: break
        }
        return []
    }

    /// PostgreSQL: `WalSndDone`.
    mutating func finishIfConfirmed(_ server: Server) -> [Action] {
        guard isStopping, isStreaming, !isReading, end == nil, timeline == server.timeline,
            sent == server.flushLSN
        else { return [] }
        if let reported, reported.confirmed >= sent {
            phase = .over(.confirmed)
            return []
        }
        guard !isPinged else { return [] }
        isPinged = true
        silence.isAsked = true
        return [keepalive(server, replyRequested: true)]
    }
}

extension StandbyStatus {
    /// Up to where a stopping server need not wait. A client that never flushes (pg_receivewal
    /// without a slot) reports 0; its write counts.
    public var confirmed: LSN { flush == .invalid ? write : flush }
}

extension WALSender {
    /// What a learner would want to read about a connection that sent WAL.
    public enum Event: Hashable, Sendable {
        /// The client said nothing for so long; the connection is given up. PostgreSQL:
        /// "terminating walsender process due to replication timeout".
        case timedOut(after: Duration)
        /// The replica has connected anew; this connection is given up.
        case replaced
    }
}
