/// Everything a server may say.
public enum BackendMessage: Hashable, Sendable {
    /// One byte without type or length: the answer to SSLRequest or GSSENCRequest.
    case encryptionAnswer(EncryptionAnswer)
    /// `R` kind 0: the client is in.
    case authenticationOK
    /// `R` of another kind: the client must prove itself.
    case authentication(AuthenticationChallenge)
    /// `v`: the newest minor version we speak, and the options we do not know.
    case negotiateProtocolVersion(newest: ProtocolVersion, unrecognized: [String])
    /// `S`: a setting the client may care about.
    case parameterStatus(name: String, value: String)
    /// `K`: what a CancelRequest must quote.
    case backendKeyData(processID: Int32, secretKey: Int32)
    /// `Z`: your turn.
    case readyForQuery(TransactionState)

    /// `T`: the columns of the rows that follow.
    case rowDescription([Column])
    /// `D`: one row; `nil` is NULL.
    case dataRow([[UInt8]?])
    /// `C`: a statement is done, and its tag.
    case commandComplete(String)
    /// `I`: the query text held no statement.
    case emptyQueryResponse
    /// `E`
    case errorResponse(ServerError)
    /// `N`
    case noticeResponse(ServerError)

    /// `1`
    case parseComplete
    /// `2`
    case bindComplete
    /// `3`
    case closeComplete
    /// `t`: the types of a statement's parameters.
    case parameterDescription([UInt32])
    /// `n`: the statement gives no rows.
    case noData
    /// `s`: the row limit of Execute was reached.
    case portalSuspended

    /// `G`: send your COPY stream.
    case copyInResponse(CopyResponse = .stream)
    /// `H`: a COPY stream follows (a base backup).
    case copyOutResponse(CopyResponse = .stream)
    /// `W`: both sides stream (replication).
    case copyBothResponse(CopyResponse = .stream)
    /// `d`: a piece of a COPY stream; in replication, a `ReplicationMessage`.
    case copyData([UInt8])
    /// `c`: the server's COPY stream is over.
    case copyDone

    /// A row of texts; `nil` is NULL.
    public static func row(_ values: [String?]) -> BackendMessage {
        .dataRow(values.map { $0.map { Array($0.utf8) } })
    }

    /// The type byte; `nil` for the one message that has none.
    public var type: UInt8? { kind?.rawValue }
}

extension BackendMessage {
    /// The letters of the messages.
    enum Kind: UInt8, CaseIterable {
        case parseComplete = 0x31  // 1
        case bindComplete = 0x32  // 2
        case closeComplete = 0x33  // 3
        case commandComplete = 0x43  // C
        case dataRow = 0x44  // D
        case errorResponse = 0x45  // E
        case copyInResponse = 0x47  // G
        case copyOutResponse = 0x48  // H
        case emptyQueryResponse = 0x49  // I
        case backendKeyData = 0x4B  // K
        case noticeResponse = 0x4E  // N
        case authentication = 0x52  // R
        case parameterStatus = 0x53  // S
        case rowDescription = 0x54  // T
        case copyBothResponse = 0x57  // W
        case readyForQuery = 0x5A  // Z
        case copyDone = 0x63  // c
        case copyData = 0x64  // d
        case noData = 0x6E  // n
        case portalSuspended = 0x73  // s
        case parameterDescription = 0x74  // t
        case negotiateProtocolVersion = 0x76  // v
    }

    var kind: Kind? {
        switch self {
        case .encryptionAnswer: nil
        case .authenticationOK, .authentication: .authentication
        case .negotiateProtocolVersion: .negotiateProtocolVersion
        case .parameterStatus: .parameterStatus
        case .backendKeyData: .backendKeyData
        case .readyForQuery: .readyForQuery
        case .rowDescription: .rowDescription
        case .dataRow: .dataRow
        case .commandComplete: .commandComplete
        case .emptyQueryResponse: .emptyQueryResponse
        case .errorResponse: .errorResponse
        case .noticeResponse: .noticeResponse
        case .parseComplete: .parseComplete
        case .bindComplete: .bindComplete
        case .closeComplete: .closeComplete
        case .parameterDescription: .parameterDescription
        case .noData: .noData
        case .portalSuspended: .portalSuspended
        case .copyInResponse: .copyInResponse
        case .copyOutResponse: .copyOutResponse
        case .copyBothResponse: .copyBothResponse
        case .copyData: .copyData
        case .copyDone: .copyDone
        }
    }
}
