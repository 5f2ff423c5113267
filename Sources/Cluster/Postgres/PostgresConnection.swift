import WALFormat
import WireProtocol

/// One connection of a PostgreSQL member, as it shows at its own end of the link: what came to
/// it, what it sent, and whether it must send next.
struct PostgresConnection {
    /// It must send something next: it has connected, or was asked to go on.
    var mustSend: Bool { mustSendCommand || mustSendCopyDone }
    private var mustSendCommand = true
    /// The stream was ended; it is to end it too, and may report before that.
    private var mustSendCopyDone = false
    /// WAL streams.
    private(set) var isStreaming = false
    /// A report of positions has not come that the sender has asked for, or with which a receiver
    /// begins its first stream; going on with another timeline it need not repeat itself.
    private(set) var mustReport = false
    private var hasStreamed = false
    /// Where it asked the stream to begin, and on which timeline.
    private(set) var asked: (from: LSN, timeline: Timeline?)?
    /// The server's last error.
    private(set) var refusal: ServerError?

    private var serverMessages = BackendDecoder()
    private var standbyMessages = FrontendDecoder()

    /// Bytes the link has let through; `piece` is called for every piece of the log among them.
    mutating func delivered(_ bytes: [UInt8], piece: (XLogData) -> Void) {
        serverMessages.feed(bytes)
        while let message = try? serverMessages.next() {
            switch message {
            case .readyForQuery:
                mustSendCommand = true
                isStreaming = false
            case .copyDone: mustSendCopyDone = true
            case .copyBothResponse:
                isStreaming = true
                mustReport = mustReport || !hasStreamed
                hasStreamed = true
                refusal = nil
                standbyMessages.enter(.copyingBoth)
            case .authenticationOK: standbyMessages.enter(.commands)
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
        case .keepalive(let keepalive): mustReport = mustReport || keepalive.replyRequested
        case .statusUpdate, .hotStandbyFeedback, nil: break
        }
    }

    /// Bytes the standby has sent; answers its reports among them.
    mutating func sent(_ bytes: [UInt8]) -> [StandbyStatus] {
        mustSendCommand = false
        standbyMessages.feed(bytes)
        var reports: [StandbyStatus] = []
        while let message = try? standbyMessages.next() {
            switch message {
            case .copyData(let payload):
                if case .statusUpdate(let status) = try? ReplicationMessage(decoding: payload) {
                    mustReport = false
                    reports.append(status)
                }
            case .copyDone:
                mustSendCopyDone = false
                standbyMessages.enter(.commands)
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
