/// Turns the bytes a client sends into messages. A value; it owns no socket and answers nobody.
///
/// - `next()` gives `nil` for "need more bytes" and for nothing else.
/// - A length is checked as soon as its four bytes are there. So a decoder drained to `nil` holds
///   less than one message of its phase: 10,004 bytes before startup, 1 KiB before the client is
///   authenticated, 1 MiB after.
/// - Encryption may be asked for once of each kind; a second request is a startup packet of a
///   protocol that does not exist, as in PostgreSQL (`ProcessStartupPacket`).
/// - Two things it cannot know and must be told, by `enter`: that the client was let in, and that
///   a replication stream begins or has ended.
public struct FrontendDecoder: Hashable, Sendable {
    /// The longest payload of a first packet. PostgreSQL: `MAX_STARTUP_PACKET_LENGTH`.
    public static let maximumStartupLength = 10_000
    /// The longest small message. PostgreSQL: `PQ_SMALL_MESSAGE_LIMIT`.
    public static let maximumSmallLength = 10_000
    /// The longest SASL answer. PostgreSQL: `PG_MAX_SASL_MESSAGE_LENGTH`.
    public static let maximumSASLLength = 1_024
    /// The longest of the other messages; PostgreSQL takes 1 GiB, the lab needs no more than this.
    public static let maximumLargeLength = FrontendMessage.maximumByteCount

    /// What may come next.
    public private(set) var phase: FrontendPhase = .startup
    private var buffer = FrameBuffer()
    private var isSkippingToSync = false
    private var hasAskedForTLS = false
    private var hasAskedForGSSAPI = false
    private var failure: FrameError?

    /// A decoder for a connection just accepted.
    public init() {}

    /// A decoder that begins in the middle, for tests and captures.
    public init(phase: FrontendPhase) {
        self.phase = phase
    }

    /// Bytes that arrived and were not decoded.
    public var bufferedByteCount: Int { buffer.count }

    /// Takes bytes as they arrived, in any cut. Drain `next()` after each.
    public mutating func feed(_ bytes: [UInt8]) {
        guard failure == nil else { return }
        buffer.append(bytes)
    }

    /// Tells the decoder what may come next; see `FrontendPhase`.
    public mutating func enter(_ phase: FrontendPhase) {
        self.phase = phase
    }

    /// Drops messages until Sync or Terminate: what follows an ERROR in an extended-query group.
    public mutating func skipToSync() {
        isSkippingToSync = true
    }

    /// The next message, or `nil` when more bytes are needed.
    public mutating func next() throws(FrameError) -> FrontendMessage? {
        if let failure { throw failure }
        do throws(FrameError) {
            return phase == .startup ? try nextUntyped() : try nextTyped()
        } catch {
            noteFailure(error)
            throw error
        }
    }
}

extension FrontendDecoder {
    private mutating func noteFailure(_ error: FrameError) {
        switch error.answer {
        case .close, .fatal:
            failure = error
            buffer.removeAll()
        case .error(_, then: .skipToSync): isSkippingToSync = true
        case .error(_, then: .readyForQuery): break
        }
    }

    private mutating func nextUntyped() throws(FrameError) -> FrontendMessage? {
        guard let length = buffer.length(at: 0) else { return nil }
        guard (8...Int32(4 + Self.maximumStartupLength)).contains(length) else {
            throw .startupLengthOutOfRange(length)
        }
        guard buffer.count >= Int(length) else { return nil }
        let payload = buffer.take(Int(length), headerLength: 4)
        var reader = ByteReader(payload)
        switch try? reader.integer(UInt32.self) {
        case FrontendMessage.RequestCode.ssl where !hasAskedForTLS:
            hasAskedForTLS = true
            return .sslRequest
        case FrontendMessage.RequestCode.gssenc where !hasAskedForGSSAPI:
            hasAskedForGSSAPI = true
            return .gssencRequest
        case FrontendMessage.RequestCode.cancel:
            guard payload.count == 12, let processID = try? reader.integer(Int32.self),
                let secretKey = try? reader.integer(Int32.self)
            else { throw .cancelLengthOutOfRange(Int(length)) }
            return .cancelRequest(processID: processID, secretKey: secretKey)
        default:
            let startup = try StartupMessage(decoding: payload)
            phase = .authenticating
            return .startup(startup)
        }
    }

    private mutating func nextTyped() throws(FrameError) -> FrontendMessage? {
        while buffer.count > 0 {
            let type = buffer.byte(at: 0)
            guard let kind = FrontendMessage.Kind(rawValue: type) else { throw .unknownType(type) }
            guard phase.accepts(kind) else { throw .unexpectedType(type, phase) }
            guard let length = buffer.length(at: 1) else { return nil }
            guard (4...kind.maximumLength).contains(Int(length)) else {
                throw .lengthOutOfRange(type: type, length)
            }
            guard buffer.count > Int(length) else { return nil }
            let payload = buffer.take(1 + Int(length), headerLength: 5)
            if isSkippingToSync && !kind.endsSkipping { continue }
            isSkippingToSync = false
            do throws(Malformation) {
                return try FrontendMessage(kind, decoding: payload)
            } catch {
                throw .malformed(type: type, error)
            }
        }
        return nil
    }
}

extension FrontendPhase {
    fileprivate func accepts(_ kind: FrontendMessage.Kind) -> Bool {
        switch self {
        case .startup: false
        case .authenticating: kind == .password
        case .commands: kind != .password
        case .copyingBoth: kind == .copyData || kind == .copyDone || kind == .terminate
        }
    }
}

extension FrontendMessage.Kind {
    fileprivate var endsSkipping: Bool { self == .sync || self == .terminate }

    fileprivate var maximumLength: Int {
        switch self {
        case .query, .parse, .bind, .copyData: FrontendDecoder.maximumLargeLength
        case .password: FrontendDecoder.maximumSASLLength
        case .close, .describe, .execute, .flush, .sync, .terminate, .copyDone, .copyFail:
            FrontendDecoder.maximumSmallLength
        }
    }
}
