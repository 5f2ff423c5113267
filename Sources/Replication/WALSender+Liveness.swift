public import WALFormat

// Time, as it is told: a client that says nothing, and a backup that may not go faster.
extension WALSender {
    /// When `deadlineReached` should be called at the latest; nil if never. It changes with
    /// events, and mostly moves on: it is enough to look again when the deadline has come.
    public func nextDeadline(server: Server) -> PostgresTime? {
        switch phase {
        case .streaming(let stream):
            stream.silence.nextDeadline(timeout: server.timeout, asks: true)
        case .ending(_, let stream):
            stream.silence.nextDeadline(timeout: server.timeout, asks: false)
        case .backup(let backup):
            // In the past it calls for nothing: room or the disk is what the backup waits for.
            backup.throttle?.resumesAt.flatMap { $0 > server.now ? $0 : nil }
        case .idle, .awaitingSlot, .beginningBackup, .closed:
            nil
        }
    }

    /// Time has come to `server.now`. Does nothing if nothing is due; `pump` afterwards.
    /// PostgreSQL: `WalSndKeepaliveIfNecessary`, `WalSndCheckTimeOut`.
    public mutating func deadlineReached(server: Server) -> [Action] {
        switch phase {
        case .streaming(var stream):
            switch stream.silence.due(at: server.now, timeout: server.timeout, asks: true) {
            case .nothing:
                return []
            case .ask:
                stream.silence.isAsked = true
                phase = .streaming(stream)
                return [keepalive(stream, server, replyRequested: true)]
            case .giveUp:
                return giveUp(after: server.timeout)
            }
        case .ending(_, let stream):
            let step = stream.silence.due(at: server.now, timeout: server.timeout, asks: false)
            return step == .giveUp ? giveUp(after: server.timeout) : []
        case .idle, .awaitingSlot, .beginningBackup, .backup, .closed:
            return []
        }
    }

    private mutating func giveUp(after timeout: Duration) -> [Action] {
        phase = .closed
        return [.report(.timedOut(after: timeout)), .close]
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
        switch phase {
        case .streaming(let stream), .ending(_, let stream):
            return stream.hasCaughtUp ? .streaming : .catchup
        case .beginningBackup, .backup: return .backup
        case .idle, .awaitingSlot, .closed: return .startup
        }
    }
}
