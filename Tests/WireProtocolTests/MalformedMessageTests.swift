import Testing

@testable import WireProtocol

/// PostgreSQL 15's answers to the same bytes, as observed.
struct MalformedMessageTests {
    private func failure(
        _ bytes: [UInt8], _ phase: FrontendPhase = .commands
    ) -> FrameError? {
        var decoder = FrontendDecoder(phase: phase)
        decoder.feed(bytes)
        return #expect(throws: FrameError.self) { try decoder.next() }
    }

    private func error(
        _ message: String, then resumption: FrameError.Resumption,
        code: SQLState = .protocolViolation
    ) -> FrameError.Answer {
        .error(ServerError(code: code, message: message), then: resumption)
    }

    private func fatal(_ message: String) -> FrameError.Answer {
        .fatal(ServerError(severity: .fatal, code: .protocolViolation, message: message))
    }

    @Test(arguments: [3, 0, -1, Int(Int32.min), Int(Int32.max), 1_048_577])
    func `a query of forbidden length closes without a byte`(_ value: Int) {
        let error = failure(header("Q", value))
        #expect(error == .lengthOutOfRange(type: 0x51, Int32(value)))
        #expect(error?.answer == .close)
    }

    @Test(arguments: ["C", "D", "E", "H", "S", "X", "c", "f"])
    func `a small message has at most 10000 bytes`(_ type: Character) throws {
        var decoder = FrontendDecoder(phase: .commands)
        decoder.feed(header(type, 10_000))
        #expect(try decoder.next() == nil)
        #expect(failure(header(type, 10_001))?.answer == .close)
    }

    @Test(arguments: ["Q", "P", "B", "d"])
    func `a large message has at most 1 MiB`(_ type: Character) throws {
        var decoder = FrontendDecoder(phase: .commands)
        decoder.feed(header(type, 1 << 20))
        #expect(try decoder.next() == nil)
        #expect(failure(header(type, 1 << 20 + 1))?.answer == .close)
    }

    @Test func `a bad type byte is fatal 08P01`() {
        #expect(failure(Array("!".utf8))?.answer == fatal("invalid frontend message type 33"))
        #expect(failure(frame("p", "x\0"))?.answer == fatal("invalid frontend message type 112"))
    }

    @Test func `a query without NUL is an error and the session goes on`() throws {
        var decoder = FrontendDecoder(phase: .commands)
        decoder.feed(frame("Q", "SELECT 1") + frame("Q", "SELECT 2\0"))
        let thrown = #expect(throws: FrameError.self) { try decoder.next() }
        #expect(thrown?.answer == error("invalid string in message", then: .readyForQuery))
        #expect(try decoder.next() == .query("SELECT 2"))
    }

    @Test func `a query that goes on after its NUL is an error`() {
        #expect(
            failure(frame("Q", "SELECT 1\0x\0"))?.answer
                == error("invalid message format", then: .readyForQuery))
        #expect(
            failure(frame("S", "x"))?.answer
                == error("invalid message format", then: .readyForQuery))
    }

    @Test func `a query that is not UTF-8 is error 22021`() {
        #expect(
            failure(frame("Q", Array("SELECT '".utf8) + [0xC3, 0x28, 0xFF, 0]))?.answer
                == error(
                    #"invalid byte sequence for encoding "UTF8": 0xc3 0x28"#, then: .readyForQuery,
                    code: .characterNotInRepertoire))
        #expect(
            failure(frame("Q", [0xFF, 0]))?.answer
                == error(
                    #"invalid byte sequence for encoding "UTF8": 0xff"#, then: .readyForQuery,
                    code: .characterNotInRepertoire))
    }

    static let malformedExtended: [([UInt8], String)] = [
        (frame("P", "x"), "invalid string in message"),
        (frame("P", [0, 0, 0, 1]), "insufficient data left in message"),
        (frame("B", []), "invalid string in message"),
        (
            frame("B", hex("00 00 0002 0000 0000 0001 00000000 0000")),
            "bind message has 2 parameter formats but 1 parameters"
        ),
        (
            frame("B", hex("00 00 0000 0001 fffffffe 0000")), "insufficient data left in message"
        ),
        (
            frame("B", hex("00 00 0000 ffff 00000000")), "insufficient data left in message"
        ),
        (frame("D", "Xa\0"), "invalid DESCRIBE message subtype 88"),
        (frame("C", "Xa\0"), "invalid CLOSE message subtype 88"),
        (frame("E", [0, 0]), "insufficient data left in message"),
        (frame("H", "x"), "invalid message format"),
    ]

    @Test(arguments: malformedExtended)
    func `a malformed extended message is an error and Sync ends the silence`(
        _ bytes: [UInt8], _ message: String
    ) throws {
        var decoder = FrontendDecoder(phase: .commands)
        decoder.feed(
            bytes + FrontendMessage.query("ignored").encoded() + bytes
                + FrontendMessage.sync.encoded() + FrontendMessage.query("heard").encoded())
        let thrown = #expect(throws: FrameError.self) { try decoder.next() }
        #expect(thrown?.answer == error(message, then: .skipToSync))
        #expect(try decoder.next() == .sync)
        #expect(try decoder.next() == .query("heard"))
    }

    @Test func `goodbye is heard while skipping, and a server may ask to skip`() throws {
        var decoder = FrontendDecoder(phase: .commands)
        decoder.feed(MessageSamples.frontend.flatMap { $0.encoded() })
        decoder.skipToSync()
        #expect(try decoder.next() == .sync)
        decoder.skipToSync()
        #expect(try decoder.next() == .terminate)
    }

    @Test(arguments: ["Q", "f", "S", "P"])
    func `a stream takes nothing but data and its end`(_ type: Character) {
        #expect(
            failure(frame(type, []), .copyingBoth)?.answer
                == fatal(#"invalid standby message type "\#(type)""#))
    }

    @Test func `a stream's data, end and goodbye are heard`() throws {
        var decoder = FrontendDecoder(phase: .copyingBoth)
        decoder.feed(frame("d", "r") + frame("c", []) + frame("X", []))
        #expect(try decoder.next() == .copyData([0x72]))
        #expect(try decoder.next() == .copyDone)
        #expect(try decoder.next() == .terminate)
    }

    @Test func `a dead decoder stays dead and keeps nothing`() {
        var decoder = FrontendDecoder(phase: .commands)
        decoder.feed(Array("!".utf8))
        #expect(throws: FrameError.unknownType(33)) { try decoder.next() }
        decoder.feed(FrontendMessage.sync.encoded())
        #expect(throws: FrameError.unknownType(33)) { try decoder.next() }
        #expect(decoder.bufferedByteCount == 0)
    }

    static let nonsense: [([UInt8], FrameError)] = [
        ([33], .unknownType(33)),
        (header("Z", 3), .lengthOutOfRange(type: 0x5A, 3)),
        (header("D", 1 << 20 + 1), .lengthOutOfRange(type: 0x44, 1 << 20 + 1)),
        (header("d", 131_102), .lengthOutOfRange(type: 0x64, 131_102)),
        (frame("Z", "Q"), .malformed(type: 0x5A, .undefinedValue(0x51))),
        (frame("C", "SELECT"), .malformed(type: 0x43, .missingTerminator)),
        (frame("R", [0, 0]), .malformed(type: 0x52, .insufficientData)),
        (frame("R", hex("00000000 01")), .malformed(type: 0x52, .trailingBytes(1))),
        (frame("T", [255, 255]), .malformed(type: 0x54, .missingTerminator)),
        (frame("D", hex("0001 7fffffff")), .malformed(type: 0x44, .insufficientData)),
        (frame("v", hex("00030000 ffffffff")), .malformed(type: 0x76, .undefinedValue(-1))),
        (frame("v", hex("00000000 7fffffff")), .malformed(type: 0x76, .missingTerminator)),
        (frame("E", "SERROR\0"), .malformed(type: 0x45, .insufficientData)),
    ]

    @Test(arguments: nonsense)
    func `a client gives up on a server that speaks nonsense`(
        _ bytes: [UInt8], _ expected: FrameError
    ) {
        var client = BackendDecoder()
        client.feed(bytes)
        #expect(throws: expected) { try client.next() }
        #expect(throws: expected) { try client.next() }
        #expect(client.bufferedByteCount == 0)
    }

    @Test func `a client takes the largest piece of WAL a sender cuts`() throws {
        var client = BackendDecoder()
        client.feed(header("d", 4 + 131_072 + 25))
        #expect(try client.next() == nil)
    }
}
