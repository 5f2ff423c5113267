// What is wrong with bytes that are no message, in words: for the end that cannot answer them.

extension FrameError {
    /// One clause.
    public var description: String {
        switch self {
        case .startupLengthOutOfRange(let length): "a startup packet of \(length) bytes"
        case .cancelLengthOutOfRange(let length): "a cancel request of \(length) bytes"
        case .unsupportedProtocol(let version): "protocol \(version)"
        case .startupTerminatorMissing: "a startup packet without its end"
        case .userMissing: "a startup packet without a user"
        case .invalidReplicationParameter(let value): "replication is \"\(value)\""
        case .unknownType(let type): "message type \(type) is none"
        case .unexpectedType(let type, _): "message type \(type) is out of place"
        case .lengthOutOfRange(let type, let length):
            "message type \(type) cannot have a length of \(length)"
        case .malformed(let type, let reason): "message type \(type): \(reason)"
        case .unknownCopyPayload(let type): "copy data of kind \(type)"
        case .malformedCopyPayload(let type, let reason): "copy data of kind \(type): \(reason)"
        }
    }
}

extension Malformation {
    /// One clause.
    public var description: String {
        switch self {
        case .missingTerminator: "a text has no end"
        case .insufficientData: "it ends in the middle of a field"
        case .trailingBytes(let count): "\(count) bytes are left behind its last field"
        case .invalidText: "a text is not UTF-8"
        case .undefinedValue(let value): "a field has the undefined value \(value)"
        case .formatCount(let formats, let parameters):
            "\(formats) formats for \(parameters) parameters"
        }
    }
}
