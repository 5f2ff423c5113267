import WALFormat
import WireProtocol

/// One connection of a PostgreSQL member, as it shows at its own end of the link: what it was told,
/// what it said, and whether it is its turn.
struct PostgresConnection {
    /// It is to say something next: it has connected, or was told to go on.
    var owesWord: Bool { owesCommand || owesEnd }
    private var owesCommand = true
    /// The stream was ended; it is to end it too, and may report before that.
    private var owesEnd = false
    /// WAL streams.
    private(set) var isStreaming = false
    /// A report of positions has not come that the sender has asked for, or with which a receiver
    /// begins its first stream; going on with another timeline it need not repeat itself.
    private(set) var owesReport = false
    private var hasStreamed = false
    /// Where it asked the stream to begin, and on which timeline.
    private(set) var asked: (from: LSN, timeline: Timeline?)?
    /// What the server said against it.
    private(set) var refusal: ServerError?

    private var told = BackendDecoder()
    private var said = FrontendDecoder()

    /// Bytes the link has let through; `piece` is called for every piece of the log among them.
    mutating func delivered(_ bytes: [UInt8], piece: (XLogData) -> Void) {
        told.feed(bytes)
        while let message = try? told.next() {
            switch message {
            case .readyForQuery:
                owesCommand = true
                isStreaming = false
            case .copyDone: owesEnd = true
            case .copyBothResponse:
                isStreaming = true
                owesReport = owesReport || !hasStreamed
                hasStreamed = true
                refusal = nil
                said.enter(.copyingBoth)
            case .authenticationOK: said.enter(.commands)
            case .errorResponse(let error): refusal = error
            case .copyData(let payload): take(payload, piece)
            case .encryptionAnswer, .authentication, .negotiateProtocolVersion, .parameterStatus,
                .backendKeyData, .rowDescription, .dataRow, .commandComplete, .emptyQueryResponse,
                .noticeResponse, .parseComplete, .bindComplete, .closeComplete,
                .parameterDescription, .noData, .portalSuspended, .copyInResponse,
                .copyOutResponse:
                break
            }
        }
    }

    private mutating func take(_ payload: [UInt8], _ piece: (XLogData) -> Void) {
        switch try? ReplicationMessage(decoding: payload) {
        case .xLogData(let data): piece(data)
        case .keepalive(let keepalive): owesReport = owesReport || keepalive.replyRequested
        case .statusUpdate, .hotStandbyFeedback, nil: break
        }
    }

    /// Bytes the standby has sent; answers its reports among them.
    mutating func heard(_ bytes: [UInt8]) -> [StandbyStatus] {
        owesCommand = false
        said.feed(bytes)
        var reports: [StandbyStatus] = []
        while let message = try? said.next() {
            switch message {
            case .copyData(let payload):
                if case .statusUpdate(let status) = try? ReplicationMessage(decoding: payload) {
                    owesReport = false
                    reports.append(status)
                }
            case .copyDone:
                owesEnd = false
                said.enter(.commands)
            case .query(let text):
                if case .startReplication(_, let start, let timeline)? =
                    try? ReplicationCommand
                    .parse(text)
                {
                    asked = (start, timeline)
                }
            case .sslRequest, .gssencRequest, .cancelRequest, .startup, .password, .parse, .bind,
                .describe, .execute, .close, .flush, .sync, .copyFail, .terminate:
                break
            }
        }
        return reports
    }
}
