public import WALFormat

/// What a WAL sender says after both sides sent CopyDone: where the next timeline begins, if this
/// one ended, and then two tags.
///
/// The same is sent, without any CopyBoth, to a client that asks to start exactly where the
/// timeline ended.
public enum EndOfStreamReply: Hashable, Sendable {
    /// The client stopped the stream.
    case stopped
    /// The timeline ended; the next one forked off here.
    case timelineEnded(next: Timeline, startingAt: LSN)

    /// Reads the results that follow CopyDone on the client's side.
    public init(_ results: [ResultSet]) throws(ReplyError) {
        guard let result = results.first, result.columns != nil else {
            self = .stopped
            return
        }
        self = .timelineEnded(
            next: Timeline(try result.value("next_tli") { UInt32($0) }),
            startingAt: try result.value("next_tli_startpos") { LSN($0) })
    }

    /// The messages to send, ReadyForQuery excepted.
    public var messages: [BackendMessage] {
        let end: [BackendMessage] = [.commandComplete("START_REPLICATION")]
        switch self {
        case .stopped:
            return [.commandComplete("START_STREAMING")] + end
        case .timelineEnded(let next, let start):
            return ResultSet(
                columns: [Column("next_tli", .int8), Column("next_tli_startpos", .text)],
                rows: [["\(next.rawValue)", start.description]], tag: "START_STREAMING"
            ).messages + end
        }
    }
}
