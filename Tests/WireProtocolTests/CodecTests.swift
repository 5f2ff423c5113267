import Testing

@testable import WireProtocol

struct CodecTests {
    private func pairs(_ messages: [FrontendMessage]) -> [(FrontendMessage, [UInt8])] {
        messages.map { ($0, $0.encoded()) }
    }

    @Test func `every client message survives the wire however it is cut`() throws {
        try verify(
            FrontendDecoder(phase: .commands), pairs(MessageSamples.frontend))
        let kinds = Set(MessageSamples.frontend.compactMap(\.kind))
        #expect(kinds == Set(FrontendMessage.Kind.allCases).subtracting([.password]))
    }

    @Test func `the untyped requests survive the wire and leave it untyped`() throws {
        try verify(FrontendDecoder(), pairs(MessageSamples.startups + [MessageSamples.startup]))
    }

    @Test func `passwords survive the wire while the client proves itself`() throws {
        try verify(
            FrontendDecoder(phase: .authenticating),
            pairs([
                .cleartextPassword("secret"), .password([]),
                SASLInitialResponse(mechanism: "SCRAM-SHA-256", data: Array("n,,n=,r=x".utf8))
                    .message,
            ]))
    }

    @Test func `every server message survives the wire however it is cut`() throws {
        try verify(BackendDecoder(), MessageSamples.backend.map { ($0, $0.encoded()) })
        let kinds = Set(MessageSamples.backend.compactMap(\.kind))
        #expect(kinds == Set(BackendMessage.Kind.allCases))
    }

    @Test func `the type byte is the first byte of every typed message`() {
        for message in MessageSamples.frontend { #expect(message.type == message.encoded()[0]) }
        for message in MessageSamples.backend { #expect(message.type == message.encoded()[0]) }
        for message in MessageSamples.startups { #expect(message.type == nil) }
    }

    @Test func `a whole reply is one buffer`() {
        let reply: [BackendMessage] = [.commandComplete("BEGIN"), .readyForQuery(.inTransaction)]
        #expect(reply.encoded() == reply[0].encoded() + reply[1].encoded())
    }

    @Test func `one byte answers a request for encryption`() throws {
        for answer in EncryptionAnswer.allCases {
            var client = BackendDecoder()
            client.encryptionRequested()
            #expect(try client.next() == nil)
            client.feed(BackendMessage.encryptionAnswer(answer).encoded() + frame("Z", "I"))
            #expect(try client.next() == .encryptionAnswer(answer))
            #expect(try client.next() == .readyForQuery(.idle))
        }
    }

    @Test func `an error may stand where the encryption byte was due`() throws {
        var client = BackendDecoder()
        client.encryptionRequested()
        client.feed(BackendMessage.errorResponse(MessageSamples.error).encoded())
        #expect(try client.next() == .errorResponse(MessageSamples.error))
    }

    @Test func `a text with a NUL cannot smuggle in a field of its own`() throws {
        var decoder = FrontendDecoder(phase: .commands)
        decoder.feed(FrontendMessage.query("SELECT 1\0; DROP").encoded())
        #expect(try decoder.next() == .query("SELECT 1"))
    }

    @Test func `a SASL answer names its mechanism and may bring no data`() throws {
        let response = SASLInitialResponse(mechanism: "SCRAM-SHA-256", data: nil)
        guard case .password(let bytes) = response.message else {
            Issue.record("not a password message")
            return
        }
        #expect(bytes == Array("SCRAM-SHA-256".utf8) + [0, 255, 255, 255, 255])
        #expect(try SASLInitialResponse(decoding: bytes) == response)
        #expect(throws: FrameError.malformed(type: 0x70, .missingTerminator)) {
            try SASLInitialResponse(decoding: Array("SCRAM".utf8))
        }
        #expect(throws: FrameError.malformed(type: 0x70, .insufficientData)) {
            try SASLInitialResponse(decoding: [65, 0, 0x7F, 255, 255, 255])
        }
    }

    @Test func `unknown error fields of a newer server are dropped`() throws {
        var client = BackendDecoder()
        client.feed(frame("E", "SFEHLER\0VERROR\0C42601\0Mno\0zwhat\0\0"))
        #expect(
            try client.next() == .errorResponse(ServerError(code: .syntaxError, message: "no")))
    }
}
