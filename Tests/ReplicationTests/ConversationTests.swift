import Replication
import Testing
import WALFormat
import WireProtocol

/// A sender and a receiver talk to each other, byte by byte, through the real codecs.
struct ConversationTests {
    @Test(arguments: 0..<40 as Range<UInt64>)
    func `whatever breaks, the replica's log is a prefix, and in the end the same`(
        _ seed: UInt64
    ) throws {
        var hop = Hop(seed: seed)
        for _ in 0..<4000 { try hop.step() }
        try hop.settle()
        #expect(hop.replica.log == hop.server.log)
        #expect(hop.replica.timeline == hop.server.state.timeline)
        #expect(hop.replica.receiver.flushLSN == hop.server.state.flushLSN)
        #expect(hop.complaints == [])
        #expect(!hop.replica.events.contains { $0.isBreach })
    }

    @Test func `the accidents do happen`() throws {
        var events: [WALReceiver.Event] = []
        for seed: UInt64 in 100..<110 {
            var hop = Hop(seed: seed)
            for _ in 0..<4000 { try hop.step() }
            events += hop.replica.events
        }
        #expect(events.count { if case .disconnected = $0 { true } else { false } } > 20)
        #expect(events.count { $0.isFollowing } > 20)
        #expect(events.count { $0.isStreaming } > 50)
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `a clean stop waits for the replica and then for nothing`(_ seed: UInt64) throws {
        var hop = Hop(seed: seed)
        hop.breaks = false
        for _ in 0..<100 { try hop.step() }
        try hop.reconnect()
        hop.server.write([UInt8](repeating: 0x42, count: 120))
        _ = hop.server.stop()
        try hop.settle()
        #expect(hop.server.sender?.isFinished == true)
        #expect(hop.replica.log == hop.server.log)
        #expect(hop.replica.receiver.flushLSN == hop.server.state.flushLSN)
        #expect(hop.replica.isRetryDue)
        #expect(hop.complaints == [])
    }

    @Test func `two that have nothing to say rest, even when one of them is stopping`() throws {
        var hop = Hop(seed: 1)
        hop.breaks = false
        hop.replica.connect()
        hop.server.write([UInt8](repeating: 1, count: 100_000))
        try hop.settle()
        #expect(hop.stepsToSettle < 100)
        // A disk that never syncs: the confirmation does not come, and nobody asks in a circle.
        hop.isDiskStuck = true
        hop.server.write([2])
        try hop.settle()
        _ = hop.server.stop()
        try hop.settle()
        #expect(hop.stepsToSettle < 20)
        #expect(hop.server.sender?.isFinished == false)
        hop.isDiskStuck = false
        try hop.settle()
        #expect(hop.server.sender?.isFinished == true)
    }
}

extension WALReceiver.Event {
    fileprivate var isFollowing: Bool { if case .followed = self { true } else { false } }
    fileprivate var isStreaming: Bool { if case .streaming = self { true } else { false } }

    /// Nothing that two honest ends should ever see.
    fileprivate var isBreach: Bool {
        switch self {
        case .protocolViolation, .stopped, .refused, .timedOut: true
        case .streaming, .disconnected, .followed: false
        }
    }
}
