/// Bytes that are no message, and what PostgreSQL answers to each kind.
///
/// - A `FrameError` never means "need more bytes": that is `nil` from a decoder.
/// - After an error whose answer is `.close` or `.fatal` the decoder is dead: it keeps nothing and
///   throws the same error again.
/// - After `.error` the offending message is consumed and the decoder goes on.
/// - On the client's side (`BackendDecoder`) there is nobody to answer: every error closes.
public enum FrameError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The first packet's length word is not in 8...10,004.
    case startupLengthOutOfRange(Int32)
    /// A CancelRequest that is not 16 bytes long.
    case cancelLengthOutOfRange(Int)
    /// A startup packet of a protocol whose major version is not 3.
    case unsupportedProtocol(ProtocolVersion)
    /// A startup packet whose options do not end in a NUL at its last byte.
    case startupTerminatorMissing
    /// A startup packet that names no user.
    case userMissing
    /// A startup packet whose `replication` is neither a truth value nor `database`.
    case invalidReplicationParameter(String)
    /// A type byte nobody defined.
    case unknownType(UInt8)
    /// A type byte that is a message, but not one for this phase of the connection.
    case unexpectedType(UInt8, ConnectionPhase)
    /// A length word (it counts itself) below 4 or above what this type may have.
    case lengthOutOfRange(type: UInt8, Int32)
    /// A whole message whose fields do not fit.
    case malformed(type: UInt8, Malformation)
    /// A CopyData payload whose first byte is no replication message.
    case unknownCopyPayload(UInt8)
    /// A CopyData payload that is too short for its kind; the kind is 0 if nothing is there.
    case malformedCopyPayload(UInt8, Malformation)

    /// What PostgreSQL does about it.
    public enum Answer: Hashable, Sendable {
        /// Close the socket without a byte.
        case close
        /// Send this (FATAL), then close.
        case fatal(ServerError)
        /// Send this (ERROR), then go on as told.
        case error(ServerError, then: Resumption)
    }

    /// How the session goes on after an ERROR.
    public enum Resumption: Hashable, Sendable {
        /// Send ReadyForQuery; the next message counts.
        case readyForQuery
        /// The decoder now drops messages until Sync (or Terminate), which it delivers.
        case skipToSync
    }
}
