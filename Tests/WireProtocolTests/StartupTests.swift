import TestSupport
import Testing

@testable import WireProtocol

struct StartupTests {
    private func packet(_ fields: String, version: UInt32 = 196_608) -> [UInt8] {
        length(8 + fields.utf8.count) + length(Int(version)) + Array(fields.utf8)
    }

    private func failure(_ bytes: [UInt8]) -> FrameError? {
        var decoder = FrontendDecoder()
        decoder.feed(bytes)
        do throws(FrameError) {
            let message = try decoder.next()
            Issue.record("decoded \(String(describing: message))")
            return nil
        } catch {
            #expect(decoder.bufferedByteCount == 0)
            return error
        }
    }

    private func fatal(_ code: SQLState, _ bytes: [UInt8]) {
        guard case .fatal(let error) = failure(bytes)?.answer else {
            Issue.record("not answered with FATAL")
            return
        }
        #expect(error.severity == .fatal)
        #expect(error.code == code)
    }

    @Test func `a negotiation ends in a session`() throws {
        var decoder = FrontendDecoder()
        decoder.feed(FrontendMessage.gssencRequest.encoded())
        #expect(try decoder.next() == .gssencRequest)
        decoder.feed(FrontendMessage.sslRequest.encoded())
        #expect(try decoder.next() == .sslRequest)
        #expect(decoder.phase == .startup)
        decoder.feed(packet("user\0me\0\0"))
        #expect(try decoder.next() == .startup(StartupMessage(user: "me")))
        #expect(decoder.phase == .authenticating)
        decoder.enter(.commands)
        decoder.feed(FrontendMessage.query("SELECT 1").encoded())
        #expect(try decoder.next() == .query("SELECT 1"))
    }

    static let strangers: [[UInt8]] = [
        Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8), hex("00000000 00000000"),
        hex("00000004 00000000"), length(7), length(10_005), length(-1), length(.max),
        hex("16030100 010001fc 0303"), hex("80000000"),
    ]

    @Test(arguments: strangers)
    func `what is no startup packet closes without a byte`(_ bytes: [UInt8]) {
        #expect(failure(bytes)?.answer == .close)
    }

    @Test(arguments: [8, 12, 20]) func `a bogus cancel closes without a byte`(_ size: Int) {
        let bytes = length(size) + length(80_877_102) + Array(repeating: 0, count: size - 8)
        #expect(failure(bytes) == .cancelLengthOutOfRange(size))
        #expect(failure(bytes)?.answer == .close)
    }

    @Test func `a packet is refused by its length alone`() {
        #expect(failure(length(10_005)) == .startupLengthOutOfRange(10_005))
        var longest = FrontendDecoder()
        longest.feed(length(10_004))
        #expect(throws: Never.self) { try longest.next() }
    }

    @Test func `another major version is fatal 0A000`() {
        fatal(.featureNotSupported, packet("\0", version: 9 << 16))
        fatal(.featureNotSupported, packet("", version: 2 << 16))
        #expect(
            failure(packet("", version: 589_824))
                == .unsupportedProtocol(ProtocolVersion(major: 9, minor: 0)))
    }

    @Test func `no user is fatal 28000`() {
        fatal(.invalidAuthorizationSpecification, packet("\0"))
        fatal(.invalidAuthorizationSpecification, packet("user\0\0\0"))
        fatal(.invalidAuthorizationSpecification, packet("database\0d\0\0"))
    }

    @Test(arguments: ["", "user\0me\0", "user\0me", "user", "user\0me\0\0x", "\0\0", "user\0"])
    func `a missing terminator is fatal 08P01`(_ fields: String) {
        fatal(.protocolViolation, packet(fields))
    }

    @Test func `a word that is no truth value is fatal 22023`() {
        fatal(.invalidParameterValue, packet("user\0me\0replication\0maybe\0\0"))
        fatal(.invalidParameterValue, packet("user\0me\0replication\0o\0\0"))
        fatal(.invalidParameterValue, packet("user\0me\0replication\0\0\0"))
    }

    @Test(arguments: [
        ("true", StartupMessage.Mode.physicalReplication), ("on", .physicalReplication),
        ("YES", .physicalReplication), ("1", .physicalReplication), ("t", .physicalReplication),
        ("database", .logicalReplication), ("false", .sql), ("off", .sql), ("0", .sql),
        ("n", .sql),
    ])
    func `replication says what a session is for`(_ word: String, _ mode: StartupMessage.Mode)
        throws
    {
        var decoder = FrontendDecoder()
        decoder.feed(packet("user\0me\0replication\0\(word)\0\0"))
        guard case .startup(let startup) = try decoder.next() else {
            Issue.record("no startup")
            return
        }
        #expect(startup.mode == mode)
    }

    @Test func `the last value of a name counts, and the database is the user's`() {
        let startup = StartupMessage(parameters: [
            .init("user", "a"), .init("user", "b"), .init("application_name", "psql"),
        ])
        #expect(startup.user == "b")
        #expect(startup.database == "b")
        #expect(startup.applicationName == "psql")
        #expect(startup.mode == .sql)
        #expect(StartupMessage(user: "a", database: "d").database == "d")
    }

    @Test func `before startup at most one packet is held`() throws {
        var decoder = FrontendDecoder()
        decoder.feed(length(10_004) + Array(repeating: 0, count: 9_999))
        #expect(try decoder.next() == nil)
        #expect(decoder.bufferedByteCount == 10_003)
    }

    @Test func `before the password at most 1 KiB is held`() throws {
        var decoder = FrontendDecoder(phase: .authenticating)
        decoder.feed([0x70] + length(1_024))
        #expect(try decoder.next() == nil)
        decoder = FrontendDecoder(phase: .authenticating)
        decoder.feed([0x70] + length(1_025))
        #expect(throws: FrameError.lengthOutOfRange(type: 0x70, 1_025)) { try decoder.next() }
        decoder.feed(Array(repeating: 0, count: 100_000))
        #expect(decoder.bufferedByteCount == 0)
    }

    @Test func `a query instead of a password is fatal 08P01`() {
        var decoder = FrontendDecoder(phase: .authenticating)
        decoder.feed(FrontendMessage.query("SELECT 1").encoded())
        let error = #expect(throws: FrameError.self) { try decoder.next() }
        #expect(error == .unexpectedType(0x51, .authenticating))
        guard case .fatal(let answer) = error?.answer else {
            Issue.record("not fatal")
            return
        }
        #expect(answer.message == "expected SASL response, got message type 81")
    }
}
