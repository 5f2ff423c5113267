import LabClock
import Testing
import WALFormat
import WireProtocol

@testable import Cluster
@testable import DatabaseNode

/// What a link shows of a PostgreSQL member: whose turn it is, and how far it is.
struct PostgresConnectionTests {
    private let startup = FrontendMessage.startup(
        StartupMessage(parameters: [.init("user", "postgres"), .init("replication", "true")]))
    private let start = FrontendMessage.query("START_REPLICATION 0/100000 TIMELINE 3")

    private func piece(_ bytes: [UInt8]) -> [UInt8] {
        ReplicationMessage.xLogData(
            XLogData(
                start: LSN(0x10_0000), walEnd: LSN(0x10_0000), sentAt: LabTime.start, bytes: bytes)
        ).framed()
    }

    private func report(_ lsn: UInt64) -> [UInt8] {
        ReplicationMessage.statusUpdate(
            StandbyStatus(
                write: LSN(lsn), flush: LSN(lsn), apply: LSN(lsn), sentAt: LabTime.start,
                replyRequested: false)
        ).framed()
    }

    /// A session whose stream has begun.
    private func streaming() -> PostgresConnection {
        var session = PostgresConnection()
        _ = session.sent(startup.encoded())
        session.delivered(BackendMessage.authenticationOK.encoded()) { _ in }
        session.delivered(BackendMessage.readyForQuery(.idle).encoded()) { _ in }
        _ = session.sent(start.encoded())
        session.delivered(BackendMessage.copyBothResponse().encoded()) { _ in }
        return session
    }

    @Test func `it must send when it has connected and when it was asked to go on`() {
        var session = PostgresConnection()
        #expect(session.mustSend)
        _ = session.sent(startup.encoded())
        #expect(!session.mustSend)
        session.delivered(BackendMessage.authenticationOK.encoded()) { _ in }
        #expect(!session.mustSend)
        session.delivered(BackendMessage.readyForQuery(.idle).encoded()) { _ in }
        #expect(session.mustSend)
        _ = session.sent(start.encoded())
        #expect(!session.mustSend && !session.isStreaming)
        session.delivered(BackendMessage.copyBothResponse().encoded()) { _ in }
        #expect(session.isStreaming)
        #expect(session.asked?.from == LSN(0x10_0000))
        #expect(session.asked?.timeline == Timeline(3))
    }

    @Test func `pieces of the log and reports are seen in any cut of the bytes`() {
        for cut in 1...40 {
            var session = streaming()
            var pieces: [XLogData] = []
            let down = piece([1, 2, 3]) + piece([4])
            for begin in stride(from: 0, to: down.count, by: cut) {
                session.delivered(Array(down[begin..<min(begin + cut, down.count)])) {
                    pieces.append($0)
                }
            }
            #expect(pieces.map(\.bytes) == [[1, 2, 3], [4]])
            let up = report(7) + report(9)
            var reports: [StandbyStatus] = []
            for begin in stride(from: 0, to: up.count, by: cut) {
                reports += session.sent(Array(up[begin..<min(begin + cut, up.count)]))
            }
            #expect(reports.map(\.apply) == [LSN(7), LSN(9)])
        }
    }

    @Test func `a receiver's first stream is owed a report, its next ones are not`() {
        var session = streaming()
        #expect(session.mustReport)
        _ = session.sent(report(1))
        #expect(!session.mustReport)
        session.delivered(BackendMessage.copyDone.encoded()) { _ in }
        _ = session.sent(FrontendMessage.copyDone.encoded())
        session.delivered(BackendMessage.readyForQuery(.idle).encoded()) { _ in }
        _ = session.sent(start.encoded())
        session.delivered(BackendMessage.copyBothResponse().encoded()) { _ in }
        #expect(session.isStreaming && !session.mustReport)
    }

    @Test func `a keepalive that asks for a reply is owed a report`() {
        var session = streaming()
        _ = session.sent(report(1))
        let keepalive = ReplicationMessage.keepalive(
            Keepalive(walEnd: LSN(1), sentAt: LabTime.start, replyRequested: true))
        session.delivered(keepalive.framed()) { _ in }
        #expect(session.mustReport)
        _ = session.sent(report(1))
        #expect(!session.mustReport)
    }

    @Test func `an ended stream is owed its end, whatever is reported before`() {
        var session = streaming()
        session.delivered(BackendMessage.copyDone.encoded()) { _ in }
        _ = session.sent(report(1))
        #expect(session.mustSend)
        _ = session.sent(FrontendMessage.copyDone.encoded())
        #expect(!session.mustSend)
        session.delivered(BackendMessage.readyForQuery(.idle).encoded()) { _ in }
        #expect(session.mustSend && !session.isStreaming)
        _ = session.sent(start.encoded())
        #expect(!session.mustSend)
    }

    @Test func `an error is remembered until a stream begins`() {
        var session = streaming()
        let error = ServerError(code: .undefinedFile, message: "gone")
        session.delivered(BackendMessage.errorResponse(error).encoded()) { _ in }
        #expect(session.refusal?.message == "gone")
        session.delivered(BackendMessage.copyBothResponse().encoded()) { _ in }
        #expect(session.refusal == nil)
    }

    @Test func `bytes that are no messages change nothing`() {
        var session = streaming()
        session.delivered([UInt8](repeating: 0xFF, count: 100)) { _ in Issue.record("a piece") }
        #expect(session.sent([UInt8](repeating: 0xFF, count: 100)).isEmpty)
        session.delivered(piece([1])) { _ in Issue.record("a piece behind what is no message") }
    }
}
