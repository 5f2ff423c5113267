/// Turns the bytes a server sends into messages: the client's side, for replicas and lab clients.
///
/// - `next()` gives `nil` for "need more bytes" and for nothing else.
/// - A length is checked as soon as its four bytes are there; a drained decoder holds less than one
///   message.
/// - Any error is the end of the connection: the decoder keeps nothing and throws it again.
public struct BackendDecoder: Hashable, Sendable {
    /// The longest message.
    public static let maximumLength = 1 << 20
    /// The longest CopyData payload: a sender's largest piece of WAL and its header of 25 bytes.
    /// PostgreSQL: `MAX_SEND_SIZE`.
    public static let maximumCopyDataLength = XLogData.maximumByteCount + XLogData.headerLength

    private var buffer = FrameBuffer()
    private var awaitsEncryptionAnswer = false
    private var failure: FrameError?

    /// A decoder for a connection just made.
    public init() {}

    /// Bytes that arrived and were not decoded.
    public var bufferedByteCount: Int { buffer.count }

    /// The client sent SSLRequest or GSSENCRequest: a single byte comes back.
    public mutating func encryptionRequested() {
        awaitsEncryptionAnswer = true
    }

    /// Takes bytes as they arrived, in any cut. Drain `next()` after each.
    public mutating func feed(_ bytes: [UInt8]) {
        guard failure == nil else { return }
        buffer.append(bytes)
    }

    /// The next message, or `nil` when more bytes are needed.
    public mutating func next() throws(FrameError) -> BackendMessage? {
        if let failure { throw failure }
        do throws(FrameError) {
            return try nextMessage()
        } catch {
            failure = error
            buffer.removeAll()
            throw error
        }
    }

    private mutating func nextMessage() throws(FrameError) -> BackendMessage? {
        guard buffer.count > 0 else { return nil }
        let type = buffer.byte(at: 0)
        if awaitsEncryptionAnswer {
            awaitsEncryptionAnswer = false
            if let answer = EncryptionAnswer(rawValue: type) {
                _ = buffer.take(1, headerLength: 1)
                return .encryptionAnswer(answer)
            }
        }
        guard let kind = BackendMessage.Kind(rawValue: type) else { throw .unknownType(type) }
        guard let length = buffer.length(at: 1) else { return nil }
        let limit = kind == .copyData ? 4 + Self.maximumCopyDataLength : Self.maximumLength
        guard (4...limit).contains(Int(length)) else {
            throw .lengthOutOfRange(type: type, length)
        }
        guard buffer.count > Int(length) else { return nil }
        do throws(Malformation) {
            return try BackendMessage(
                kind, decoding: buffer.take(1 + Int(length), headerLength: 5))
        } catch {
            throw .malformed(type: type, error)
        }
    }
}
