import Testing
import WireProtocol

@testable import Cluster
@testable import DatabaseNode

/// Bytes that are no message: each is answered in the way PostgreSQL 15 was measured to answer it,
/// and the lab goes on.
struct ServerMalformedTests {
    enum Answer: String {
        /// The connection is closed without a byte.
        case close
        /// A FATAL error of this code, then the close.
        case fatal0A000, fatal28000, fatal08P01
        /// ERROR 08P01 and ReadyForQuery; the session lives.
        case error
        /// ERROR 08P01, and nothing until Sync; the session lives.
        case errorUntilSync
    }

    struct Case: CustomStringConvertible {
        let description: String
        let phase: Phase
        let bytes: [UInt8]
        let answer: Answer

        enum Phase {
            case connected
            case session
            case streaming
        }

        init(_ name: String, _ phase: Phase, _ bytes: [UInt8], _ answer: Answer) {
            description = name
            self.phase = phase
            self.bytes = bytes
            self.answer = answer
        }
    }

    private static func word(_ value: Int) -> [UInt8] {
        let bits = UInt32(truncatingIfNeeded: value)
        return (0..<4).map { UInt8(truncatingIfNeeded: bits >> (24 - 8 * $0)) }
    }

    private static func untyped(_ payload: [UInt8]) -> [UInt8] { word(payload.count + 4) + payload }

    private static func typed(
        _ type: Unicode.Scalar, _ payload: [UInt8], length: Int? = nil
    ) -> [UInt8] {
        [UInt8(ascii: type)] + word(length ?? payload.count + 4) + payload
    }

    private static let user = Array("user\0me\0".utf8)

    static let cases: [Case] = [
        Case("HTTP", .connected, Array("GET / HTTP/1.1\r\n\r\n".utf8), .close),
        Case("length 0", .connected, word(0), .close),
        Case("length 4", .connected, word(4), .close),
        Case("length 10,005", .connected, word(10_005), .close),
        Case("a TLS hello", .connected, [0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3], .close),
        Case("a short cancel", .connected, untyped(word(80_877_102) + [0, 0]), .close),
        Case(
            "a cancel of nobody", .connected, untyped(word(80_877_102) + word(99) + word(7)),
            .close),
        Case("major 9", .connected, untyped(word(9 << 16) + user + [0]), .fatal0A000),
        Case(
            "no user", .connected, untyped(word(3 << 16) + Array("database\0x\0\0".utf8)),
            .fatal28000),
        Case("no terminator", .connected, untyped(word(3 << 16) + user), .fatal08P01),
        Case("a type nobody knows", .session, typed("!", []), .fatal08P01),
        Case("Q of length 3", .session, typed("Q", [], length: 3), .close),
        Case("Q of length -1", .session, typed("Q", [], length: -1), .close),
        Case("Q of length 2^31 - 1", .session, typed("Q", [], length: .init(Int32.max)), .close),
        Case("a long Sync", .session, typed("S", [], length: 10_001), .close),
        Case("Q without an end", .session, typed("Q", Array("SELECT 1".utf8)), .error),
        Case("Q with more behind its end", .session, typed("Q", Array("x\0y".utf8)), .error),
        Case("P without an end", .session, typed("P", [120]), .errorUntilSync),
        Case("B that ends early", .session, typed("B", [0, 0, 0, 1]), .errorUntilSync),
        Case("D of neither kind", .session, typed("D", Array("X\0".utf8)), .errorUntilSync),
        Case("C of neither kind", .session, typed("C", Array("X\0".utf8)), .errorUntilSync),
        Case("E that ends early", .session, typed("E", [0, 0]), .errorUntilSync),
        Case("a short r", .streaming, typed("d", [114, 0, 0]), .error),
        Case("an empty CopyData", .streaming, typed("d", []), .error),
        Case("an inner type nobody knows", .streaming, typed("d", [90, 0]), .close),
        Case("Q in a stream", .streaming, typed("Q", Array("SELECT 1\0".utf8)), .fatal08P01),
    ]

    @Test(arguments: cases)
    func `malformed bytes get PostgreSQL's answer`(_ malformed: Case) throws {
        let lab = try watchedLab(LabOptions(replicas: 1))
        defer { lab.close() }
        let client = try ServerTestClient(lab, startsUp: malformed.phase == .session)
        if malformed.phase == .streaming {
            client.send(.startup(StartupMessage(user: "me", replication: true)))
            _ = client.readUntilReady()
            client.send(.query("START_REPLICATION 0/100000"))
            while let message = client.next() {
                if case .copyBothResponse = message { break }
            }
        }
        client.send(malformed.bytes)
        switch malformed.answer {
        case .close: #expect(Self.words(client) == [])
        case .fatal0A000: #expect(Self.words(client) == [.error("!0A000")])
        case .fatal28000: #expect(Self.words(client) == [.error("!28000")])
        case .fatal08P01: #expect(Self.words(client) == [.error("!08P01")])
        case .error:
            #expect(
                client.readUntilReady().filter { !$0.isStream } == [.error("08P01"), .ready("I")])
            #expect(client.query("SHOW wal_segment_size").first == .row(["1MB"]))
        case .errorUntilSync:
            client.send(.query("SELECT 1"), .sync)
            #expect(client.readUntilReady() == [.error("08P01"), .ready("I")])
            #expect(client.query("SELECT 1").first == .row(["1"]))
        }
        _ = try lab.write("still", "works", on: "p")
        #expect(try lab.read("still", on: "r1").value == "works")
    }

    /// What the server says before it hangs up; WAL does not count.
    private static func words(_ client: ServerTestClient) -> [ServerTestClient.Said] {
        let words = client.readUntilReady().filter { !$0.isStream }
        #expect(client.isHungUpOn)
        return words
    }

    // MARK: Cuts

    /// All that a client says from its first byte to its farewell.
    private static let conversation: [UInt8] =
        FrontendMessage.sslRequest.encoded()
        + FrontendMessage.startup(StartupMessage(user: "me", database: "x")).encoded()
        + FrontendMessage.query("BEGIN; INSERT INTO kv VALUES ('cut', '1')").encoded()
        + FrontendMessage.parse(Parse(query: "SELECT $1")).encoded()
        + FrontendMessage.bind(Bind(parameters: [[65]])).encoded()
        + FrontendMessage.execute(portal: "", maximumRows: 0).encoded()
        + FrontendMessage.sync.encoded() + FrontendMessage.terminate.encoded()

    @Test(arguments: [false, true])
    func `a connection cut at any byte leaves nothing behind`(byReset: Bool) throws {
        let lab = try watchedLab(LabOptions(replicas: 1))
        defer { lab.close() }
        _ = try lab.write("a", "1", on: "p")
        let before = try connectionCount(lab)
        for count in 0...Self.conversation.count {
            let client = try ServerTestClient(lab, startsUp: false)
            client.send(Array(Self.conversation.prefix(count)))
            if byReset {
                client.reset()
            } else {
                client.finishSending()
                _ = client.bytesUntilEnd()
            }
        }
        // Whoever came before this one was seen to leave before it is answered twice.
        let last = try ServerTestClient(lab)
        #expect(last.query("SELECT count(*) FROM kv").first == .row(["1"]))
        #expect(try connectionCount(lab) == before + 1)
        _ = try lab.write("cut", "2", on: "p")
        #expect(try lab.read("cut", on: "r1").value == "2")
    }

    private func connectionCount(_ lab: Lab) throws -> Int {
        try lab.onLoop { cluster throws(LabFailure) in
            try cluster.process(of: "p").backends.count
        }
    }
}

extension ServerTestClient.Said {
    /// A part of a WAL stream.
    fileprivate var isStream: Bool {
        if case .other = self { true } else { false }
    }
}
