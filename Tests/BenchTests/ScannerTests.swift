import Testing
import WALFormat
import WireProtocol

@testable import Bench

struct ScannerTests {
    private func pieces(_ bytes: [UInt8], of count: Int) -> [[UInt8]] {
        stride(from: 0, to: bytes.count, by: count).map {
            Array(bytes[$0..<min($0 + count, bytes.count)])
        }
    }

    @Test(arguments: [1, 2, 5, 7, 1_000]) func `answers are counted in any cut`(_ cut: Int) {
        let answer: [BackendMessage] = [
            .commandComplete("INSERT 0 1"), .readyForQuery(.idle), .emptyQueryResponse,
            .readyForQuery(.idle),
        ]
        var scanner = ReplyScanner()
        for piece in pieces(answer.flatMap { $0.encoded() }, of: cut) {
            piece.withUnsafeBytes { scanner.feed($0) }
        }
        #expect(scanner.readyCount == 2)
        #expect(scanner.errorCount == 0)
    }

    @Test func `an error is seen, and a Z inside a message is none`() {
        let error = ServerError(code: .ioError, message: "ZZZZ")
        var scanner = ReplyScanner()
        BackendMessage.errorResponse(error).encoded().withUnsafeBytes { scanner.feed($0) }
        #expect(scanner.errorCount == 1)
        #expect(scanner.readyCount == 0)
    }

    @Test(arguments: [1, 3, 14, 30, 100_000])
    func `a stream is followed to the end of its last whole piece`(_ cut: Int) {
        let start = LSN(0x10_0000)
        let time = PostgresTime(microseconds: 0)
        let first = XLogData(
            start: start, walEnd: start, sentAt: time, bytes: [UInt8](repeating: 1, count: 8_192))
        let second = XLogData(
            start: start.advanced(by: 8_192), walEnd: start, sentAt: time, bytes: [1, 2, 3])
        let heartbeat = Keepalive(walEnd: start, sentAt: time, replyRequested: false)
        let bytes =
            BackendMessage.copyBothResponse().encoded()
            + ReplicationMessage.xLogData(first).framed()
            + ReplicationMessage.keepalive(heartbeat).framed()
            + ReplicationMessage.xLogData(second).framed()
        var scanner = StreamScanner()
        for piece in pieces(bytes.dropLast().map { $0 }, of: cut) {
            piece.withUnsafeBytes { scanner.feed($0) }
        }
        #expect(scanner.receivedUpTo == start.advanced(by: 8_192))
        [bytes[bytes.count - 1]].withUnsafeBytes { scanner.feed($0) }
        #expect(scanner.receivedUpTo == start.advanced(by: 8_195))
        #expect(scanner.errorCount == 0)
    }
}
