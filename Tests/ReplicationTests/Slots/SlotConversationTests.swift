import Replication
import Testing
import WALFormat

/// A replica follows over a slot, byte by byte through the real codecs, while its server removes
/// what nobody keeps. Invariant I8.
struct SlotConversationTests {
    /// Plays a world, and looks at its slot after each step.
    private func play(
        _ hop: inout Hop, steps: Int, each: (inout Hop) -> Void = { _ in }
    ) throws {
        for _ in 0..<steps {
            try hop.step()
            let slot = try #require(hop.server.slots["r1"])
            if let restart = slot.restartLSN {
                #expect(restart <= hop.replica.durable, "the slot is ahead of its replica")
                #expect(hop.server.oldest <= restart, "WAL was removed under the slot")
            }
            each(&hop)
        }
    }

    @Test(arguments: 0..<15 as Range<UInt64>)
    func `without a limit nothing the replica needs is ever removed`(_ seed: UInt64) throws {
        var hop = Hop(seed: seed, slot: "r1")
        hop.largeWriteEvery = 2
        hop.checkpoints = (nil, true)
        try play(&hop, steps: 3000)
        try hop.settle()
        hop.checkpoint()
        #expect(hop.replica.log == hop.server.log)
        #expect(hop.server.slots["r1"]?.restartLSN == hop.server.state.flushLSN)
        #expect(!hop.replica.events.contains(.refused(MemoryServer.removed)))
        #expect(hop.complaints == [])
        // And it did remove something.
        #expect(hop.server.oldest > LSN(MemoryServer.base))
    }

    @Test(arguments: 0..<15 as Range<UInt64>)
    func `with a limit a lost slot is told as 58P01, and a base backup helps`(
        _ seed: UInt64
    ) throws {
        var hop = Hop(seed: seed, slot: "r1")
        hop.largeWriteEvery = 2
        hop.checkpoints = (1 << 20, true)
        try play(&hop, steps: 3000) { $0.reseedIfLost() }
        for _ in 0..<3 {
            try hop.settle(until: { $0.isLost })
            hop.reseedIfLost()
        }
        try hop.settle()
        #expect(hop.replica.log == hop.server.log)
        #expect(hop.replica.receiver.isStreaming)
        #expect(hop.server.slots["r1"]?.isInvalidated == false)
        #expect(hop.complaints == [])
    }

    @Test func `slots do get lost`() throws {
        var count = 0
        for seed: UInt64 in 0..<6 {
            var hop = Hop(seed: seed, slot: "r1")
            hop.largeWriteEvery = 2
            hop.checkpoints = (1 << 20, true)
            try play(&hop, steps: 3000) { $0.reseedIfLost() }
            count += hop.reseedCount
        }
        #expect(count > 5)
    }
}
