/// The first `p` of a SASL exchange: `mechanism\0, Int32 length or -1, bytes`.
///
/// The wire gives every `p` the same letter, so `FrontendMessage.password` carries raw bytes and
/// whoever runs the exchange knows when to read them as this. Later answers are the raw bytes.
public struct SASLInitialResponse: Hashable, Sendable {
    /// `SCRAM-SHA-256`
    public let mechanism: String
    /// The client's first message, or `nil` when the mechanism lets the server begin.
    public let data: [UInt8]?

    /// A response from its parts.
    public init(mechanism: String, data: [UInt8]?) {
        self.mechanism = mechanism
        self.data = data
    }

    /// Decodes the bytes of a `.password` message.
    public init(decoding bytes: [UInt8]) throws(FrameError) {
        do throws(Malformation) {
            var reader = ByteReader(bytes[...])
            mechanism = try reader.cString()
            data = try reader.nullableBytes()
            try reader.end()
        } catch {
            throw .malformed(type: UInt8(ascii: "p"), error)
        }
    }

    /// The message to send.
    public var message: FrontendMessage {
        var bytes = Array(mechanism.utf8.prefix { $0 != 0 }) + [0]
        let length = UInt32(bitPattern: data.map { Int32(clamping: $0.count) } ?? -1)
        for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: length >> shift)) }
        return .password(bytes + (data ?? []))
    }
}
