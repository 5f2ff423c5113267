import Testing

@testable import WireProtocol

/// What both decoders offer, so that one verifier proves both.
protocol Decoding {
    associatedtype Message: Hashable & Sendable
    mutating func feed(_ bytes: [UInt8])
    mutating func next() throws(FrameError) -> Message?
    var bufferedByteCount: Int { get }
}

extension FrontendDecoder: Decoding {}
extension BackendDecoder: Decoding {}

/// Each message alone, byte by byte and cut at every place; then all of them in one buffer.
func verify<D: Decoding>(
    _ decoder: D, _ messages: [(D.Message, [UInt8])], _ location: SourceLocation = #_sourceLocation
) throws {
    for (message, bytes) in messages {
        var whole = decoder
        whole.feed(bytes)
        #expect(try whole.next() == message, sourceLocation: location)
        #expect(try whole.next() == nil, sourceLocation: location)
        #expect(whole.bufferedByteCount == 0, sourceLocation: location)

        var dripping = decoder
        for byte in bytes.dropLast() {
            dripping.feed([byte])
            #expect(try dripping.next() == nil, sourceLocation: location)
        }
        dripping.feed([bytes[bytes.count - 1]])
        #expect(try dripping.next() == message, sourceLocation: location)

        for cut in 0..<min(bytes.count, 400) {
            var torn = decoder
            torn.feed(Array(bytes[..<cut]))
            #expect(try torn.next() == nil, sourceLocation: location)
            #expect(torn.bufferedByteCount == cut, sourceLocation: location)
            torn.feed(Array(bytes[cut...]))
            #expect(try torn.next() == message, sourceLocation: location)
        }
    }
    var batched = decoder
    batched.feed(messages.flatMap(\.1))
    for (message, _) in messages {
        #expect(try batched.next() == message, sourceLocation: location)
    }
    #expect(try batched.next() == nil, sourceLocation: location)
}

/// A message made by hand: type, true length, payload.
func frame(_ type: Character, _ payload: [UInt8]) -> [UInt8] {
    [type.asciiValue ?? 0] + length(payload.count + 4) + payload
}

func frame(_ type: Character, _ payload: String) -> [UInt8] { frame(type, Array(payload.utf8)) }

/// A type and a length word, and nothing after them.
func header(_ type: Character, _ value: Int) -> [UInt8] { [type.asciiValue ?? 0] + length(value) }

/// Four bytes, big-endian.
func length(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
}
