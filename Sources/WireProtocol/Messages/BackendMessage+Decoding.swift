extension BackendMessage {
    /// Decodes the payload of one message.
    init(_ kind: Kind, decoding payload: ArraySlice<UInt8>) throws(Malformation) {
        var reader = ByteReader(payload)
        self = try Self.decode(kind, &reader)
        try reader.end()
    }

    private static func decode(
        _ kind: Kind, _ reader: inout ByteReader
    ) throws(Malformation) -> Self {
        switch kind {
        case .authentication: return try authentication(&reader)
        case .negotiateProtocolVersion: return try negotiation(&reader)
        case .parameterStatus:
            let name = try reader.cString()
            return .parameterStatus(name: name, value: try reader.cString())
        case .backendKeyData:
            let processID = try reader.integer(Int32.self)
            return .backendKeyData(processID: processID, secretKey: try reader.integer())
        case .readyForQuery:
            let byte = try reader.integer(UInt8.self)
            guard let state = TransactionState(rawValue: byte) else {
                throw .undefinedValue(Int(byte))
            }
            return .readyForQuery(state)
        case .rowDescription:
            return .rowDescription(try reader.list(Column.init(from:)))
        case .dataRow:
            return .dataRow(
                try reader.list { (reader) throws(Malformation) in try reader.nullableBytes() })
        case .commandComplete: return .commandComplete(try reader.cString())
        case .errorResponse: return .errorResponse(try ServerError(from: &reader))
        case .noticeResponse: return .noticeResponse(try ServerError(from: &reader))
        case .parameterDescription:
            return .parameterDescription(
                try reader.list { (reader) throws(Malformation) in try reader.integer() })
        case .copyInResponse: return .copyInResponse(try CopyResponse(from: &reader))
        case .copyOutResponse: return .copyOutResponse(try CopyResponse(from: &reader))
        case .copyBothResponse: return .copyBothResponse(try CopyResponse(from: &reader))
        case .copyData: return .copyData(reader.rest())
        case .copyDone: return .copyDone
        case .emptyQueryResponse: return .emptyQueryResponse
        case .parseComplete: return .parseComplete
        case .bindComplete: return .bindComplete
        case .closeComplete: return .closeComplete
        case .noData: return .noData
        case .portalSuspended: return .portalSuspended
        }
    }

    private static func authentication(_ reader: inout ByteReader) throws(Malformation) -> Self {
        let kind = try reader.integer(Int32.self)
        return kind == 0
            ? .authenticationOK
            : .authentication(try AuthenticationChallenge(kind: kind, from: &reader))
    }

    private static func negotiation(_ reader: inout ByteReader) throws(Malformation) -> Self {
        let newest = ProtocolVersion(code: try reader.integer())
        let count = try reader.integer(Int32.self)
        guard count >= 0 else { throw .undefinedValue(Int(count)) }
        var unrecognized: [String] = []
        while unrecognized.count < count { unrecognized.append(try reader.cString()) }
        return .negotiateProtocolVersion(newest: newest, unrecognized: unrecognized)
    }
}
