extension FrameError {
    /// What PostgreSQL 15 does when its client sends this.
    public var answer: Answer {
        switch self {
        case .startupLengthOutOfRange, .cancelLengthOutOfRange, .lengthOutOfRange,
            .unknownCopyPayload:
            .close
        case .unsupportedProtocol(let version):
            .fatal(
                .featureNotSupported,
                "unsupported frontend protocol \(version): server supports 3.0 to 3.0")
        case .startupTerminatorMissing:
            .fatal(
                .protocolViolation,
                "invalid startup packet layout: expected terminator as last byte")
        case .userMissing:
            .fatal(
                .invalidAuthorizationSpecification,
                "no PostgreSQL user name specified in startup packet")
        case .invalidReplicationParameter(let value):
            .fatal(
                .invalidParameterValue, #"invalid value for parameter "replication": "\#(value)""#,
                hint: #"Valid values are: "false", 0, "true", 1, "database"."#)
        case .unknownType(let type):
            .fatal(.protocolViolation, "invalid frontend message type \(type)")
        case .unexpectedType(let type, let phase):
            .fatal(.protocolViolation, phase.complaint(about: type))
        case .malformed(let type, let malformation):
            .error(
                malformation.serverError(type: type),
                then: Self.isExtendedQuery(type) ? .skipToSync : .readyForQuery)
        case .malformedCopyPayload(let type, let malformation):
            .error(malformation.serverError(type: type), then: .readyForQuery)
        }
    }

    /// PostgreSQL: `doing_extended_query_message`. Sync ends the group, so it is not of it.
    private static func isExtendedQuery(_ type: UInt8) -> Bool {
        switch FrontendMessage.Kind(rawValue: type) {
        case .parse, .bind, .describe, .execute, .close, .flush: true
        case .query, .sync, .terminate, .copyDone, .copyData, .copyFail, .password, nil: false
        }
    }
}

extension FrameError.Answer {
    fileprivate static func fatal(
        _ code: SQLState, _ message: String, hint: String? = nil
    ) -> Self {
        .fatal(ServerError(severity: .fatal, code: code, message: message, hint: hint))
    }
}

extension FrontendPhase {
    fileprivate func complaint(about type: UInt8) -> String {
        switch self {
        case .startup, .commands: "invalid frontend message type \(type)"
        case .authenticating: "expected SASL response, got message type \(type)"
        case .copyingBoth:
            #"invalid standby message type "\#(Character(Unicode.Scalar(type)))""#
        }
    }
}

extension Malformation {
    fileprivate func serverError(type: UInt8) -> ServerError {
        switch self {
        case .missingTerminator: violation("invalid string in message")
        case .insufficientData where type == 0: violation("no data left in message")
        case .insufficientData: violation("insufficient data left in message")
        case .trailingBytes: violation("invalid message format")
        case .undefinedValue(let value):
            switch Unicode.Scalar(type) {
            case "D": violation("invalid DESCRIBE message subtype \(value)")
            case "C": violation("invalid CLOSE message subtype \(value)")
            default: violation("invalid value \(value) in message")
            }
        case .formatCount(let formats, let parameters):
            violation(
                "bind message has \(formats) parameter formats but \(parameters) parameters")
        case .invalidText(let bytes):
            ServerError(
                code: .characterNotInRepertoire,
                message: #"invalid byte sequence for encoding "UTF8":"#
                    + bytes.map { (byte: UInt8) in
                        (byte < 16 ? " 0x0" : " 0x") + String(byte, radix: 16)
                    }.joined())
        }
    }

    private func violation(_ message: String) -> ServerError {
        ServerError(code: .protocolViolation, message: message)
    }
}
