import Replication
import Testing

struct CleanStopTests {
    @Test func `a stop sends clients away, writes its checkpoint, and waits for the senders`() {
        var stop = CleanStop()
        #expect(
            stop.begin() == [.stopReceiving, .terminateClients, .saveSlots, .writeCheckpoint])
        stop.senderFinished(4, confirmedBy: nil)
        #expect(stop.phase == .checkpointing)
        #expect(stop.checkpointed(senders: [4, 7]) == [.finishSenders])
        stop.senderFinished(4, confirmedBy: nil)
        #expect(stop.phase == .draining(senders: [7]))
        stop.senderFinished(9, confirmedBy: nil)
        stop.senderFinished(7, confirmedBy: "r2")
        #expect(stop.phase == .drained)
        #expect(stop.confirmed == ["r2"])
    }

    @Test func `without a sender it is over with the checkpoint`() {
        var stop = CleanStop()
        #expect(stop.checkpointed(senders: []) == [.finishSenders])
        #expect(stop.phase == .drained)
        #expect(stop.checkpointed(senders: [1]) == [])
        #expect(stop.phase == .drained)
    }

    @Test func `a replica that never answers is given up`() {
        var stop = CleanStop()
        _ = stop.checkpointed(senders: [1])
        stop.giveUp()
        #expect(stop.phase == .drained)
        stop.senderFinished(1, confirmedBy: nil)
        #expect(stop.phase == .drained)
    }
}
