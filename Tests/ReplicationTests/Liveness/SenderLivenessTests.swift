import Replication
import Testing
import WALFormat
import WireProtocol

/// How a sender judges a client that says nothing. Times are lab times, told from outside.
struct SenderLivenessTests {
    private let server = WALSender.Server(flush: 0x1000)

    private func ping(at time: PostgresTime) -> [ReplicationConversation.Action] {
        [
            .stream(
                .sendKeepalive(
                    Keepalive(walEnd: LSN(0x1000), sentAt: time, replyRequested: true)))
        ]
    }

    private func givenUp(_ timeout: Duration = .seconds(60)) -> [ReplicationConversation.Action] {
        [.report(.timedOut(after: timeout)), .close]
    }

    @Test func `after half the timeout a word is asked for, after all of it the link is closed`() {
        var sender = ReplicationConversation.streaming(from: 0x1000, server: server)
        #expect(sender.nextDeadline(server: server) == after(.seconds(30)))
        #expect(sender.deadlineReached(server: server.later(.milliseconds(29_999))) == [])
        #expect(
            sender.deadlineReached(server: server.later(.seconds(30)))
                == ping(at: after(.seconds(30))))
        #expect(sender.nextDeadline(server: server) == after(.seconds(60)))
        #expect(sender.deadlineReached(server: server.later(.milliseconds(59_999))) == [])
        #expect(sender.deadlineReached(server: server.later(.seconds(60))) == givenUp())
        #expect(sender.isFinished)
        #expect(sender.nextDeadline(server: server) == nil)
        #expect(sender.deadlineReached(server: server.later(.seconds(90))) == [])
    }

    @Test func `any word starts the time anew`() throws {
        var sender = ReplicationConversation.streaming(from: 0x1000, server: server)
        _ = sender.deadlineReached(server: server.later(.seconds(30)))
        _ = sender.hears(write: 0x1000, flush: 0x1000, server.later(.seconds(59)))
        #expect(sender.nextDeadline(server: server) == after(.seconds(89)))
        #expect(sender.deadlineReached(server: server.later(.seconds(60))) == [])
        #expect(
            sender.deadlineReached(server: server.later(.seconds(89)))
                == ping(at: after(.seconds(89))))
        let feedback = try ReplicationMessage(
            decoding: [UInt8(ascii: "h")] + [UInt8](repeating: 0, count: 24))
        _ = sender.copyDataReceived(feedback, server: server.later(.seconds(100)))
        #expect(sender.nextDeadline(server: server) == after(.seconds(130)))
    }

    @Test func `WAL that is sent is no word of the client's`() {
        var sender = ReplicationConversation.streaming(from: 0, server: server)
        #expect(!sender.pumpAndRead(server.later(.seconds(29))).isEmpty)
        #expect(sender.nextDeadline(server: server) == after(.seconds(30)))
    }

    @Test func `a timeout of zero waits for ever`() {
        var patient = server
        patient.timeout = .zero
        var sender = ReplicationConversation.streaming(from: 0x1000, server: patient)
        #expect(sender.nextDeadline(server: patient) == nil)
        #expect(sender.deadlineReached(server: patient.later(.seconds(1_000_000))) == [])
    }

    @Test func `a changed timeout counts at once`() {
        var sender = ReplicationConversation.streaming(from: 0x1000, server: server)
        var strict = server.later(.seconds(5))
        strict.timeout = .seconds(4)
        #expect(sender.nextDeadline(server: strict) == after(.seconds(2)))
        #expect(sender.deadlineReached(server: strict) == givenUp(.seconds(4)))
    }

    @Test func `a deadline missed by far closes the link without a question`() {
        var sender = ReplicationConversation.streaming(from: 0x1000, server: server)
        #expect(sender.deadlineReached(server: server.later(.seconds(3600))) == givenUp())
    }

    @Test func `time that goes back makes nobody older`() {
        var sender = ReplicationConversation.streaming(from: 0x1000, server: server)
        _ = sender.hears(write: 0, flush: 0, server.later(.seconds(-3600)))
        #expect(sender.nextDeadline(server: server) == after(.seconds(30)))
        #expect(sender.deadlineReached(server: server.later(.seconds(-3600))) == [])
    }

    @Test func `between commands there is no timeout`() {
        var sender = ReplicationConversation()
        #expect(sender.nextDeadline(server: server) == nil)
        #expect(sender.deadlineReached(server: server.later(.seconds(3600))) == [])
        sender = ReplicationConversation.streaming(from: 0x1000, server: server)
        _ = sender.copyDoneReceived()
        #expect(sender.nextDeadline(server: server) == nil)
    }

    @Test func `after our CopyDone the client is not asked, but given up in time`() {
        let promoted = WALSender.Server(flush: 0x2000, history: TimelineHistory(forks: 0x1000))
        var sender = ReplicationConversation.streaming(from: 0x800, server: promoted)
        _ = sender.pumpAndRead(promoted) + sender.pumpAndRead(promoted)
        #expect(sender.nextDeadline(server: promoted) == after(.seconds(60)))
        #expect(sender.deadlineReached(server: promoted.later(.seconds(59))) == [])
        #expect(sender.deadlineReached(server: promoted.later(.seconds(60))) == givenUp())
    }

    @Test func `the question of a stopping server counts as one`() {
        var sender = ReplicationConversation.streaming(from: 0x1000, server: server)
        #expect(sender.serverStops(server: server.later(.seconds(1))).count == 1)
        #expect(sender.nextDeadline(server: server) == after(.seconds(60)))
        #expect(sender.deadlineReached(server: server.later(.seconds(30))) == [])
        #expect(sender.deadlineReached(server: server.later(.seconds(60))) == givenUp())
    }

    @Test func `pg_stat_replication's states`() {
        var sender = ReplicationConversation()
        #expect(sender.standing == .startup)
        sender = ReplicationConversation.streaming(from: 0, server: server)
        #expect(sender.standing == .catchup)
        _ = sender.pumpAndRead(server)
        #expect(sender.standing == .catchup)
        _ = sender.pumpAndRead(server)
        #expect(sender.standing == .streaming)
        _ = sender.pump(server: WALSender.Server(flush: 0x2000), room: 1 << 20)
        #expect(sender.standing == .streaming)
        _ = sender.serverStops(server: server)
        #expect(sender.standing == .stopping)
    }
}
