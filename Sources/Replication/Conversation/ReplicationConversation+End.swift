import WireProtocol

// How a connection ends from the server's side.
extension ReplicationConversation {
    /// The server stops cleanly. Call it once, when the last record it will ever write (the
    /// shutdown checkpoint) is durable: a streaming client gets everything up to there and has to
    /// confirm it first; whoever does not stream is cut off. PostgreSQL: SIGUSR2 to the walsender.
    public mutating func serverStops(server: WALSender.Server) -> [Action] {
        switch phase {
        case .streaming: withStream { $0.serverStops(server: server) }
        case .idle, .awaitingSlot, .beginningBackup, .backup: cutOff(Self.shutdown)
        case .closed: []
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
        return close(after: [.send(.errorResponse(error))])
    }

    mutating func close(after actions: [Action]) -> [Action] {
        phase = .closed
        return actions + [.close]
    }
}
