import WALFormat
import WireProtocol

// What the server answers, in PostgreSQL's words.
extension ReplicationConversation {
    func reply(_ messages: [BackendMessage]) -> [Action] {
        messages.map(Action.send) + [.send(.readyForQuery(.idle))]
    }

    /// An error, after which nothing of the failed command is left.
    mutating func refuse(_ error: ServerError) -> [Action] {
        defer { mayHoldSlot = false }
        return (mayHoldSlot ? [.cleanUpSlots] : [])
            + [.send(.errorResponse(error)), .send(.readyForQuery(.idle))]
    }

    static func endOfStream(_ next: WALSender.NextTimeline?) -> EndOfStreamReply {
        next.map { .timelineEnded(next: $0.timeline, startingAt: $0.switchpoint) } ?? .stopped
    }
}

// Refusals.
extension ReplicationConversation {
    static func unknownParameter(_ name: String) -> ServerError {
        ServerError(
            code: .undefinedObject, message: "unrecognized configuration parameter \"\(name)\"")
    }

    static func noHistory(_ timeline: Timeline) -> ServerError {
        ServerError(
            code: .undefinedFile,
            message: "could not open file \"pg_wal/\(TimelineHistory.fileName(timeline))\":"
                + " No such file or directory")
    }

    static var shutdown: ServerError {
        ServerError(
            severity: .fatal, code: .adminShutdown,
            message: "terminating connection due to administrator command")
    }

    static var replacement: ServerError {
        ServerError(
            severity: .fatal, code: .adminShutdown,
            message: "terminating connection because the replica has connected again")
    }
}
