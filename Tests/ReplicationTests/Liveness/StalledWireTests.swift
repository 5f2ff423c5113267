import LabClock
import Replication
import Testing
import WALFormat
import WireProtocol

/// A wire that gives nothing any more, and says nothing of it: both ends find out in lab time.
struct StalledWireTests {
    private let lost = WALReceiver.Event.disconnected(retryAfter: WALReceiver.retryInterval)

    private func streaming() throws -> Hop {
        var hop = Hop(seed: 1)
        hop.breaks = false
        hop.server.write([1, 2, 3])
        try hop.settle()
        return hop
    }

    /// Lets time pass up to an instant, deadline by deadline.
    private func wait(_ hop: inout Hop, _ duration: Duration) throws {
        let end = after(duration)
        for _ in 0..<1000 where hop.now < end {
            _ = hop.wait(atMost: end)
            try hop.settleKeepingRetries()
        }
        #expect(hop.now == end)
    }

    @Test func `an idle stream stays open for ever, on reports alone`() throws {
        var hop = try streaming()
        try wait(&hop, .seconds(3600))
        #expect(hop.replica.receiver.isStreaming)
        #expect(hop.server.sender?.isFinished == false)
        #expect(!hop.replica.events.contains(lost))
        // Six reports a minute.
        #expect(hop.server.sender?.reported?.sentAt == after(.seconds(3600)))
    }

    @Test func `a stalled wire is given up by both ends after a minute, and not before`() throws {
        var hop = try streaming()
        hop.isStalled = true
        try wait(&hop, .milliseconds(59_999))
        #expect(hop.replica.receiver.isStreaming)
        #expect(hop.server.sender?.isFinished == false)
        try wait(&hop, .seconds(60))
        #expect(hop.replica.events.last == .timedOut(after: .seconds(60)))
        #expect(hop.replica.isRetryDue)
        #expect(hop.server.sender?.isFinished == true)
    }

    @Test func `once the wire gives again, one retry later everything is there`() throws {
        var hop = try streaming()
        hop.isStalled = true
        hop.server.write([UInt8](repeating: 9, count: 200_000))
        try wait(&hop, .seconds(61))
        hop.isStalled = false
        try hop.settle()
        #expect(hop.replica.log == hop.server.log)
        #expect(hop.replica.receiver.isStreaming)
        #expect(hop.complaints == [])
    }

    @Test func `a wire that recovers within the minute loses nothing and nobody`() throws {
        var hop = try streaming()
        hop.isStalled = true
        hop.server.write([UInt8](repeating: 9, count: 200_000))
        try wait(&hop, .seconds(59))
        hop.isStalled = false
        try hop.settle()
        #expect(hop.replica.log == hop.server.log)
        #expect(!hop.replica.events.contains(lost))
        try wait(&hop, .seconds(200))
        #expect(hop.replica.receiver.isStreaming)
    }

    @Test func `a dial into a stalled wire is given up and made again`() throws {
        var hop = Hop(seed: 1)
        hop.isStalled = true
        hop.dial()
        try wait(&hop, .seconds(60))
        #expect(hop.replica.isRetryDue)
        hop.isStalled = false
        try hop.settle()
        #expect(hop.replica.receiver.isStreaming)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `however often the wire stalls and time passes, in the end everything is there`(
        _ seed: UInt64
    ) throws {
        var random = SeededDraws(seed: seed)
        var hop = Hop(seed: seed)
        for _ in 0..<2000 {
            switch Int.random(in: 0..<100, using: &random) {
            case 0: hop.isStalled.toggle()
            case 1..<8:
                let seconds = Double.random(in: 0..<40, using: &random)
                _ = hop.wait(atMost: after(hop.now, .seconds(seconds)))
            default: try hop.step()
            }
        }
        hop.isStalled = false
        try hop.settle()
        #expect(hop.replica.log == hop.server.log)
        #expect(hop.replica.receiver.isStreaming)
        #expect(hop.complaints == [])
        #expect(hop.replica.hangUpCount > 0)
    }
}
