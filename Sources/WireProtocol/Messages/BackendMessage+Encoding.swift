extension BackendMessage {
    /// The message as it goes on the wire.
    public func encoded() -> [UInt8] {
        if case .encryptionAnswer(let answer) = self { return [answer.rawValue] }
        var writer = FrameWriter(type, capacity: capacity)
        write(to: &writer)
        return writer.finished()
    }

    private var capacity: Int {
        if case .copyData(let bytes) = self { bytes.count } else { 96 }
    }

    private func write(to writer: inout FrameWriter) {
        switch self {
        case .authenticationOK: writer.integer(Int32(0))
        case .authentication(let challenge): challenge.write(to: &writer)
        case .negotiateProtocolVersion(let newest, let unrecognized):
            writer.integer(newest.code)
            writer.integer(UInt32(clamping: unrecognized.count))
            for name in unrecognized { writer.cString(name) }
        case .parameterStatus(let name, let value):
            writer.cString(name)
            writer.cString(value)
        case .backendKeyData(let processID, let secretKey):
            writer.integer(processID)
            writer.integer(secretKey)
        case .readyForQuery(let state): writer.integer(state.rawValue)
        case .rowDescription(let columns): writer.list(columns) { $1.write(to: &$0) }
        case .dataRow(let values): writer.list(values) { $0.nullableBytes($1) }
        case .commandComplete(let tag): writer.cString(tag)
        case .errorResponse(let error), .noticeResponse(let error): error.write(to: &writer)
        case .parameterDescription(let types): writer.list(types) { $0.integer($1) }
        case .copyInResponse(let response), .copyOutResponse(let response),
            .copyBothResponse(let response):
            response.write(to: &writer)
        case .copyData(let bytes): writer.raw(bytes)
        case .encryptionAnswer, .emptyQueryResponse, .parseComplete, .bindComplete,
            .closeComplete, .noData, .portalSuspended, .copyDone:
            break
        }
    }
}

extension Sequence<BackendMessage> {
    /// All of them in one buffer, so that one write carries a whole reply.
    public func encoded() -> [UInt8] {
        reduce(into: []) { $0.append(contentsOf: $1.encoded()) }
    }
}
