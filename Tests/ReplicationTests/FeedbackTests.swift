import Replication
import Testing
import WALFormat
import WireProtocol

/// What a replica says of its readers, and what its upstream makes of it.
struct FeedbackTests {
    private func feedback(_ xmin: UInt32, at time: PostgresTime = instant) -> WALReceiver.Action {
        .sendFeedback(HotStandbyFeedback(sentAt: time, xmin: xmin, epoch: 0))
    }

    private func said(_ xmin: UInt32, epoch: UInt32 = 0) -> ReplicationMessage {
        .hotStandbyFeedback(HotStandbyFeedback(sentAt: instant, xmin: xmin, epoch: epoch))
    }

    private var server: WALSender.Server {
        var server = WALSender.Server(flush: 0x1000)
        server.nextXID = TransactionID(100)
        return server
    }

    @Test func `it is told with the stream and then at the status interval`() {
        var receiver = WALReceiver.streaming(from: 0x1000)
        #expect(!receiver.isFeedbackDue(now: instant))
        receiver.timing.sendsFeedback = true
        #expect(receiver.tellFeedback(xmin: TransactionID(7), now: instant) == [feedback(7)])
        #expect(receiver.tellFeedback(xmin: TransactionID(8), now: instant) == [])
        let later = after(.seconds(10))
        #expect(receiver.nextDeadline == later)
        #expect(!receiver.isFeedbackDue(now: after(.milliseconds(9_999))))
        #expect(
            receiver.tellFeedback(xmin: TransactionID(9), now: later) == [feedback(9, at: later)])
    }

    @Test func `turned off, it is told once that nothing is needed`() {
        var receiver = WALReceiver.streaming(from: 0x1000)
        receiver.timing.sendsFeedback = true
        _ = receiver.tellFeedback(xmin: TransactionID(7), now: instant)
        receiver.timing.sendsFeedback = false
        #expect(receiver.tellFeedback(xmin: TransactionID(7), now: instant) == [feedback(0)])
        #expect(!receiver.isFeedbackDue(now: after(.seconds(60))))
    }

    @Test func `a stream by a slot, which may remember, begins with nothing being needed`() {
        var receiver = WALReceiver.streaming(from: 0x1000)
        receiver.slot = "s"
        #expect(receiver.tellFeedback(xmin: TransactionID(7), now: instant) == [feedback(0)])
        #expect(!receiver.isFeedbackDue(now: instant))
    }

    @Test func `a sender keeps it as long as the stream, and nonsense not at all`() {
        var sender = WALSender.streaming(from: 0x1000, server: server)
        #expect(sender.received(said(40), server: server) == [])
        #expect(sender.xmin == TransactionID(40))
        for nonsense in [said(101), said(40, epoch: 1)] {
            #expect(sender.received(nonsense, server: server) == [])
            #expect(sender.xmin == TransactionID(40))
        }
        #expect(sender.received(said(100), server: server) == [])
        #expect(sender.xmin == TransactionID(100))
        _ = sender.received(said(0), server: server)
        #expect(sender.xmin == nil)
    }

    @Test func `with a slot it is the slot that keeps it`() throws {
        let start = WALSender.start(at: LSN(0x1000), on: .first, slot: "s", server: server)
        guard case .streams(var sender) = start else {
            Issue.record("\(start)")
            return
        }
        let held = sender.received(said(40), server: server)
        #expect(held == [.holdRows("s", from: TransactionID(40))])
        #expect(sender.xmin == nil)
        #expect(sender.received(said(0), server: server) == [.holdRows("s", from: nil)])

        var slots = SlotTable()
        let request = SlotRequest.create(name: "s", isTemporary: false, reservesWAL: true)
        _ = slots.perform(request, by: 1, redo: LSN(0x1000))
        slots.hold("s", from: TransactionID(40), by: 2)
        #expect(slots["s"]?.xmin == nil, "it is nobody's but its user's")
        _ = slots.perform(.acquire(name: "s"), by: 2, redo: LSN(0x1000))
        slots.hold("s", from: TransactionID(40), by: 2)
        _ = slots.release(by: 2)
        #expect(slots["s"]?.xmin == TransactionID(40), "a slot keeps it behind the stream")
        guard case .store(let slot)? = slots.takeUnsaved().first else {
            Issue.record("it is not stored")
            return
        }
        #expect(try ReplicationSlot(decoding: slot.encoded()).xmin == TransactionID(40))
    }
}
