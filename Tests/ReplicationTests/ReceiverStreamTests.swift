import Replication
import Testing
import WALFormat
import WireProtocol

/// A replica's connection from the first packet to the reports of its disk, and the next try.
struct ReceiverStreamTests {
    private static let lost: [WALReceiver.Action] = [
        .report(.disconnected(retryAfter: WALReceiver.retryInterval))
    ]

    private func status(_ write: UInt64, _ flush: UInt64, _ apply: UInt64) -> WALReceiver.Action {
        .sendStatus(
            StandbyStatus(write: LSN(write), flush: LSN(flush), apply: LSN(apply), sentAt: instant))
    }

    @Test func `it introduces itself, asks who is there and starts at its flush position`() {
        var receiver = WALReceiver(flush: 0x1000)
        #expect(receiver.connect() == [.dial])
        #expect(
            receiver.dialled()
                == [
                    .send(
                        .startup(
                            StartupMessage(
                                user: "shiplog", database: "replication", applicationName: "r1",
                                replication: true)))
                ])
        #expect(receiver.hears(Upstream.greeting) == [.command("IDENTIFY_SYSTEM")])
        #expect(
            receiver.hears(Upstream.identity(timeline: 1))
                == [.command("START_REPLICATION 0/1000 TIMELINE 1")])
        #expect(!receiver.isStreaming)
        #expect(
            receiver.hears([.copyBothResponse()])
                == [.report(.streaming(from: LSN(0x1000), timeline: .first))])
        #expect(receiver.isStreaming)
    }

    @Test func `WAL is written where it belongs, piece after piece`() {
        var receiver = WALReceiver.streaming(from: 0x1000)
        #expect(
            receiver.hearsWAL(at: 0x1000, [1, 2, 3])
                == [.writeWAL(.first, at: LSN(0x1000), bytes: [1, 2, 3])])
        #expect(
            receiver.hearsWAL(at: 0x1003, [4])
                == [.writeWAL(.first, at: LSN(0x1003), bytes: [4])])
        #expect(receiver.receivedLSN == LSN(0x1004))
        #expect(receiver.flushLSN == LSN(0x1000))
        #expect(receiver.hearsWAL(at: 0x1004, []) == [])
    }

    @Test func `positions are reported when a stream begins and when they have changed`() {
        var receiver = WALReceiver.streaming(from: 0x1000)
        #expect(receiver.quiet(now: instant) == [status(0x1000, 0x1000, 0x1000)])
        #expect(receiver.quiet(now: instant) == [])
        _ = receiver.hearsWAL(at: 0x1000, [UInt8](repeating: 0, count: 0x100))
        #expect(receiver.quiet(now: instant) == [])
        receiver.walWritten(upTo: LSN(0x1100))
        #expect(receiver.quiet(now: instant) == [status(0x1100, 0x1000, 0x1000)])
        receiver.walFlushed(upTo: LSN(0x1100))
        #expect(receiver.quiet(now: instant) == [status(0x1100, 0x1100, 0x1000)])
        receiver.walReplayed(upTo: LSN(0x1080))
        #expect(receiver.quiet(now: instant) == [status(0x1100, 0x1100, 0x1080)])
        #expect(receiver.quiet(now: instant) == [])
    }

    @Test func `positions never go back`() {
        var receiver = WALReceiver.streaming(from: 0x1000)
        receiver.walWritten(upTo: LSN(1))
        receiver.walFlushed(upTo: LSN(2))
        receiver.walReplayed(upTo: LSN(3))
        #expect(receiver.quiet(now: instant) == [status(0x1000, 0x1000, 0x1000)])
    }

    @Test func `a heartbeat is answered if it asks for it, and the answer counts as a report`() {
        var receiver = WALReceiver.streaming(from: 0x1000)
        #expect(receiver.hears([Upstream.keepalive(replyRequested: false)]) == [])
        #expect(
            receiver.hears([Upstream.keepalive(replyRequested: true)])
                == [status(0x1000, 0x1000, 0x1000)])
        #expect(receiver.quiet(now: instant) == [])
    }

    @Test func `a new stream is begun with a report, even if nothing changed`() {
        var receiver = WALReceiver.streaming(from: 0x1000)
        _ = receiver.quiet(now: instant) + receiver.connectionClosed() + receiver.retryDue()
        _ = receiver.dialled() + receiver.hears(Upstream.greeting)
        _ = receiver.hears(Upstream.identity(timeline: 1) + [.copyBothResponse()])
        #expect(receiver.quiet(now: instant) == [status(0x1000, 0x1000, 0x1000)])
    }

    @Test func `nothing is reported while nothing streams`() {
        var receiver = WALReceiver(flush: 0x1000)
        #expect(receiver.quiet(now: instant) == [])
        _ = receiver.connect() + receiver.dialled() + receiver.hears(Upstream.greeting)
        #expect(receiver.quiet(now: instant) == [])
    }

    @Test func `after a broken stream the next try asks for what is not durable`() {
        var receiver = WALReceiver.streaming(from: 0x1000)
        _ = receiver.hearsWAL(at: 0x1000, [UInt8](repeating: 0, count: 0x300))
        receiver.walWritten(upTo: LSN(0x1300))
        receiver.walFlushed(upTo: LSN(0x1100))
        #expect(
            receiver.connectionClosed()
                == Self.lost)
        #expect(receiver.retryDue() == [])
        // The disk took so much, and had no room for the rest.
        receiver.walFlushed(upTo: LSN(0x1200))
        #expect(receiver.quiet(now: instant) == [.dial])
        _ = receiver.dialled() + receiver.hears(Upstream.greeting)
        #expect(
            receiver.hears(Upstream.identity(timeline: 1))
                == [.command("START_REPLICATION 0/1200 TIMELINE 1")])
        _ = receiver.hears([.copyBothResponse()])
        #expect(
            receiver.hearsWAL(at: 0x1200, [9])
                == [.writeWAL(.first, at: LSN(0x1200), bytes: [9])])
    }

    @Test func `a dial that fails is tried again without a fuss`() {
        var receiver = WALReceiver(flush: 0x1000)
        _ = receiver.connect()
        #expect(receiver.connectionClosed() == [])
        #expect(receiver.nextDeadline == after(WALReceiver.retryInterval))
        #expect(receiver.connectionClosed() == [])
        #expect(receiver.deadlineReached(now: after(.milliseconds(4999))) == [])
        #expect(receiver.retryDue() == [.dial])
    }

    @Test func `a retry that is due after the wait is over does nothing`() {
        var receiver = WALReceiver(flush: 0x1000)
        #expect(receiver.retryDue() == [])
        _ = receiver.connect()
        #expect(receiver.retryDue() == [])
        _ = receiver.connectionClosed() + receiver.stop()
        #expect(receiver.retryDue() == [])
        var streaming = WALReceiver.streaming(from: 0x1000)
        #expect(streaming.retryDue() == [])
        #expect(streaming.isStreaming)
    }

    @Test func `a new try drops the connection that is still there`() {
        var receiver = WALReceiver.streaming(from: 0x1000)
        #expect(receiver.connect() == [.disconnect, .dial])
        #expect(receiver.hearsWAL(at: 0x1000, [1]) == [])
        #expect(receiver.phase == .dialling)
    }

    @Test func `a stopped receiver disconnects, and late bytes and dials mean nothing to it`() {
        var receiver = WALReceiver.streaming(from: 0x1000)
        #expect(receiver.stop() == [.disconnect])
        #expect(receiver.hearsWAL(at: 0x1000, [1]) == [])
        #expect(receiver.hears([.copyDone, .commandComplete("COPY 0")]) == [])
        #expect(receiver.connectionClosed() == [])
        #expect(receiver.dialled() == [.disconnect])
        #expect(receiver.stop() == [])
        #expect(receiver.receivedLSN == LSN(0x1000))
    }

    @Test func `an upstream that stops cleanly is waited for`() {
        var receiver = WALReceiver.streaming(from: 0x1000)
        #expect(receiver.hears([.commandComplete("COPY 0")]) == [])
        #expect(
            receiver.connectionClosed()
                == Self.lost)
    }
}
