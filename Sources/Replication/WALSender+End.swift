import WireProtocol

// How a connection ends from the server's side.
extension WALSender {
    /// The server stops cleanly. Call it once, when the last record it will ever write (the
    /// shutdown checkpoint) is durable: a streaming client gets everything up to there and has to
    /// confirm it first; whoever does not stream is cut off. PostgreSQL: SIGUSR2 to the walsender.
    public mutating func serverStops(server: Server) -> [Action] {
        isStopping = true
        switch phase {
        case .streaming:
            return finishIfConfirmed(server)
        case .idle, .awaitingSlot, .beginningBackup, .backup:
            return cutOff(Self.shutdown)
        case .ending:
            phase = .closed
            return [.close]
        case .closed:
            return []
        }
    }

    /// The connection must go at once: its slot is to be invalidated. PostgreSQL: SIGTERM.
    public mutating func terminated() -> [Action] {
        cutOff(Self.shutdown)
    }

    /// The same replica has connected anew.
    public mutating func replaced() -> [Action] {
        guard phase != .closed else { return [] }
        return [.report(.replaced)] + cutOff(Self.replacement)
    }

    private mutating func cutOff(_ error: ServerError) -> [Action] {
        guard phase != .closed else { return [] }
        phase = .closed
        return [.send(.errorResponse(error)), .close]
    }
}
