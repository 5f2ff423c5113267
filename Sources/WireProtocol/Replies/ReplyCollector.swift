/// Gathers a server's answer to one query on the client's side, message by message.
///
/// - It ends at ReadyForQuery, or where a COPY stream begins: then the caller takes over.
/// - ParameterStatus and notices may come at any time; they are not part of an answer.
public struct ReplyCollector: Hashable, Sendable {
    /// How an answer ended.
    public enum Outcome: Hashable, Sendable {
        /// Every statement's result, and the error that stopped the rest.
        case finished([ResultSet], error: ServerError?, TransactionState)
        /// The answer became a COPY stream: `W` or `H`, with the results before it.
        case streaming([ResultSet])
    }

    private var results: [ResultSet] = []
    private var columns: [Column]?
    private var rows: [[[UInt8]?]] = []
    private var error: ServerError?

    /// A collector for the next answer.
    public init() {}

    /// Takes one message; gives the outcome when the answer is complete, and starts afresh.
    public mutating func received(_ message: BackendMessage) -> Outcome? {
        switch message {
        case .rowDescription(let description): columns = description
        case .dataRow(let row): rows.append(row)
        case .commandComplete(let tag): finishStatement(tag)
        case .emptyQueryResponse: finishStatement("")
        case .errorResponse(let failure): error = failure
        case .readyForQuery(let state):
            defer { self = ReplyCollector() }
            return .finished(results, error: error, state)
        case .copyBothResponse, .copyOutResponse, .copyInResponse:
            defer { self = ReplyCollector() }
            return .streaming(results)
        case .encryptionAnswer, .authenticationOK, .authentication, .negotiateProtocolVersion,
            .parameterStatus, .backendKeyData, .noticeResponse, .parseComplete, .bindComplete,
            .closeComplete, .parameterDescription, .noData, .portalSuspended, .copyData, .copyDone:
            break
        }
        return nil
    }

    private mutating func finishStatement(_ tag: String) {
        results.append(ResultSet(columns: columns, byteRows: rows, tag: tag))
        columns = nil
        rows = []
    }
}
