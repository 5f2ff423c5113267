public import WALFormat

// Time, as it is told: a client that says nothing.
extension WALSender {
    /// When `deadlineReached` should be called at the latest; nil if never. It changes with
    /// events, and mostly moves on: it is enough to look again when the deadline has come.
    public func nextDeadline(server: Server) -> PostgresTime? {
        switch phase {
        case .streaming: silence.nextDeadline(timeout: server.timeout, asks: true)
        case .ending: silence.nextDeadline(timeout: server.timeout, asks: false)
        case .over: nil
        }
    }

    /// Time has come to `server.now`. Does nothing if nothing is due. PostgreSQL:
    /// `WalSndKeepaliveIfNecessary`, `WalSndCheckTimeOut`.
    public mutating func deadlineReached(server: Server) -> [Action] {
        if case .over = phase { return [] }
        switch silence.due(at: server.now, timeout: server.timeout, asks: isStreaming) {
        case .nothing:
            return []
        case .ask:
            silence.isAsked = true
            return [keepalive(server, replyRequested: true)]
        case .giveUp:
            phase = .over(.timedOut(after: server.timeout))
            return []
        }
    }

    /// What a client is being given. PostgreSQL: `state` of `pg_stat_replication`.
    public enum Standing: String, Hashable, Sendable, CaseIterable {
        /// Nothing yet, or nothing any more.
        case startup
        /// A base backup.
        case backup
        /// WAL that was there before it came.
        case catchup
        /// WAL as it is made.
        case streaming
        /// The rest of the WAL of a server that is stopping.
        case stopping
    }

    /// What the client is being given.
    public var standing: Standing {
        if isStopping { return .stopping }
        return hasCaughtUp ? .streaming : .catchup
    }
}
