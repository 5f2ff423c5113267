import Cluster
import Replication
import Testing
import WALFormat
import WireProtocol

/// Servers that are real in every way but one.
final class TailServerTests {
    private let lab: Lab
    /// They live as long as the test does.
    private var servers: [ScriptedServer] = []

    init() throws {
        lab = try watchedLab(LabOptions(replicas: 0))
    }

    deinit { lab.close() }

    private func failure(
        _ port: Int, from start: LSN? = ServedLog.start, count: Int? = nil
    ) -> LogTail.Failure? {
        switch tail(lab, port, from: start, count: count).end {
        case .failure(let failure): return failure
        case .success(let end):
            Issue.record("it ended well: \(end)")
            return nil
        case nil: return nil
        }
    }

    private func port(_ server: ScriptedServer) -> Int {
        servers.append(server)
        return server.port
    }

    private func endOfScript(_ answer: ScriptedServer.Answer) throws -> LogTail.Failure? {
        failure(port(try ScriptedServer { _ in answer }))
    }

    @Test(arguments: [1 << 20, 16 << 20, 1 << 30], [1_000, 8_192, 100_001, 131_072])
    func `however the log is cut, its records are the same`(size: Int, piece: Int) throws {
        let segmentSize = try #require(SegmentSize(byteCount: size))
        let log = ServedLog(byteCount: 3 << 19, segmentSize: segmentSize)
        let server = port(
            try ScriptedServer.serving(log) {
                .say(log.stream(from: $0, pieceByteCount: piece))
            })
        let told = tail(lab, server, from: ServedLog.start, count: log.records.count)
        #expect(told.end == .success(.counted))
        #expect(told.records.map(\.start) == log.records.map(\.start))
        #expect(told.records.map(\.end) == log.records.map(\.end))
        #expect(told.positions?.byteCount == log.bytes.count)
        #expect(told.positions?.messageCount == (log.bytes.count + piece - 1) / piece)
    }

    @Test func `a log that is read from anywhere begins with the first record behind`() throws {
        let log = ServedLog(byteCount: 1 << 18)
        let server = port(
            try ScriptedServer.serving(log) {
                .say(log.stream(from: $0, pieceByteCount: 131_072))
            })
        for offset in stride(from: 1, to: 1 << 18, by: 6_007) {
            let start = ServedLog.start.advanced(by: offset)
            guard let first = log.records.first(where: { $0.start >= start }) else { break }
            let told = tail(lab, server, from: start, count: 1)
            #expect(told.records.map(\.start) == [first.start])
        }
    }

    /// It is not read any more either, so that what it says stays with it.
    @Test func `a server that asks for replies and never reads them is given up`() throws {
        let server = try DeafServer()
        #expect(failure(server.port) == .readsNothing(after: .seconds(10)))
        #expect(server.hasEnded)
        #expect(server.saidByteCount < DeafServer.limit)
    }

    @Test func `a flipped bit is found in the record it is in`() throws {
        let whole = ServedLog(byteCount: 1 << 17)
        let hit = whole.records[whole.records.count / 2]
        let log = whole.damaged(at: hit.start.advanced(by: 50))
        let server = port(
            try ScriptedServer.serving(log) {
                .say(log.stream(from: $0, pieceByteCount: 131_072))
            })
        let told = tail(lab, server, from: ServedLog.start)
        #expect(told.end == .failure(.corrupt(at: hit.start)))
        #expect(told.records.map(\.start) == log.records.map(\.start).filter { $0 < hit.start })
    }

    @Test func `the log of another major version is known by its pages`() throws {
        var bytes: [UInt8] = []
        let log = ServedLog(byteCount: 1 << 13)
        bytes += log.stream(from: ServedLog.start, pieceByteCount: 131_072)
        let magic = try #require(bytes.firstRange(of: [0x10, 0xD1]))
        bytes.replaceSubrange(magic, with: [0x13, 0xD1])
        let stream = bytes
        let server = port(try ScriptedServer.serving(log) { _ in .say(stream) })
        let reason = EndReason.page(at: ServedLog.start, .magic(0xD113))
        #expect(failure(server) == .unreadable(at: ServedLog.start, reason))
    }

    @Test func `a server that leaves in the middle, and one that stops, are told apart`() throws {
        let log = ServedLog(byteCount: 1 << 17)
        let half = ServedLog.start.advanced(by: 1 << 16)
        let leaving = port(
            try ScriptedServer.serving(log, heard: { $0.flush == half ? .close([]) : nil }) {
                .say(log.stream(from: $0, upTo: half, pieceByteCount: 8_192))
            })
        #expect(failure(leaving) == .connectionLost(at: half))
        // It leaves when all has arrived: else its close could overtake what it has sent.
        let goodbye = BackendMessage.commandComplete("COPY 0").encoded()
        let stopping = port(
            try ScriptedServer.serving(log, heard: { $0.flush == log.end ? .close(goodbye) : nil })
            {
                .say(log.stream(from: $0, pieceByteCount: 8_192))
            })
        #expect(failure(stopping) == .stopped(at: log.end))
    }

    @Test func `an error instead of a stream, or in it, is passed on`() throws {
        let log = ServedLog(byteCount: 1 << 13)
        let removed = ServerError(
            severity: .error, code: .undefinedFile, message: "requested WAL segment is gone")
        let refusal = BackendMessage.errorResponse(removed).encoded()
        let before = port(try ScriptedServer.serving(log) { _ in .say(refusal) })
        #expect(failure(before) == .refused(removed))
        let inside = port(
            try ScriptedServer.serving(log) { _ in
                .say(BackendMessage.copyBothResponse().encoded() + refusal)
            })
        #expect(failure(inside) == .refused(removed))
    }

    @Test func `what is no server of PostgreSQL's is called that`() throws {
        for text in ["HTTP/1.1 400 Bad\r\n\r\n", "SSH-2.0-x\r\n", "220 mail\r\n", "\u{0}"] {
            #expect(try endOfScript(.say(Array(text.utf8))) == .unfit(.notPostgreSQL))
        }
        let mute = port(
            try ScriptedServer(opening: Array("J\u{0}\u{0}\u{0}\n5".utf8)) { _ in .say([]) })
        #expect(failure(mute) == .unfit(.notPostgreSQL))
        #expect(try endOfScript(.close([])) == .unfit(.closed))
        #expect(failure(1) == .unreachable(.refused))
    }

    @Test func `a server that asks for a password says which`() throws {
        let challenges: [AuthenticationChallenge] = [
            .sasl(mechanisms: ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"]), .cleartextPassword,
            .unsupported(kind: 5, [1, 2, 3, 4]),
        ]
        for challenge in challenges {
            let asks = BackendMessage.authentication(challenge).encoded()
            #expect(try endOfScript(.say(asks)) == .unfit(.wantsProof(challenge)))
        }
    }
}
