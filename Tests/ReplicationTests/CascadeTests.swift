import LabClock
import Replication
import Testing
import WALFormat

/// A primary, its replica, and that replica's own replica: WAL goes down both hops, timelines too.
struct CascadeTests {
    @Test(arguments: 0..<25 as Range<UInt64>)
    func `whatever breaks on either hop, in the end all three logs are one`(
        _ seed: UInt64
    ) throws {
        var chain = Chain(seed: seed)
        for _ in 0..<3000 { try chain.step() }
        try chain.settle()
        #expect(chain.first.replica.log == chain.first.server.log)
        #expect(chain.second.replica.log == chain.first.server.log)
        #expect(chain.second.replica.timeline == chain.first.server.state.timeline)
        #expect(chain.second.replica.history == chain.first.server.state.history)
        #expect(chain.complaints == [])
    }

    @Test(arguments: 0..<25 as Range<UInt64>)
    func `the replica's replica follows it when it is promoted, and no further the old primary`(
        _ seed: UInt64
    ) throws {
        var chain = Chain(seed: seed)
        for _ in 0..<1500 { try chain.step() }
        chain.promoteMiddle()
        let fork = chain.second.server.state.flushLSN
        for _ in 0..<1500 { try chain.step() }
        try chain.settle()
        let middle = chain.second.server
        #expect(middle.state.history.entries.contains { $0.switchpoint == fork })
        #expect(chain.second.replica.log == middle.log)
        #expect(chain.second.replica.timeline == middle.state.timeline)
        #expect(chain.second.replica.history == middle.state.history)
        #expect(chain.complaints == [])
    }

    @Test func `nothing goes down the second hop before it is durable on the first`() throws {
        var chain = Chain(seed: 1)
        try chain.settle()
        chain.first.isDiskStuck = true
        chain.first.server.write([UInt8](repeating: 1, count: 5000))
        try chain.settle()
        #expect(chain.first.replica.receiver.receivedLSN > chain.first.replica.durable)
        #expect(chain.second.replica.receiver.receivedLSN == chain.first.replica.durable)
        chain.first.isDiskStuck = false
        try chain.settle()
        #expect(chain.second.replica.log == chain.first.server.log)
    }

    @Test func `timelines do change on both hops`() throws {
        var followed = [0, 0]
        for seed: UInt64 in 0..<10 {
            var chain = Chain(seed: seed)
            for _ in 0..<3000 { try chain.step() }
            for (index, hop) in [chain.first, chain.second].enumerated() {
                for case .followed in hop.replica.events { followed[index] += 1 }
            }
        }
        #expect(followed.allSatisfy { $0 > 5 }, "\(followed)")
    }
}

/// Two hops: what the first one's replica has made durable is what the second one's server sends.
private struct Chain {
    var first: Hop
    var second: Hop
    /// The middle one is a standby.
    private var isCascading = true
    private var random: SeededDraws

    init(seed: UInt64) {
        first = Hop(seed: seed)
        second = Hop(seed: seed &+ 1000)
        // Its server writes nothing of its own, and is promoted by hand.
        second.writes = false
        random = SeededDraws(seed: seed &+ 2000)
    }

    var complaints: [String] {
        first.complaints + second.complaints
            + (second.replica.durable > second.server.state.flushLSN ? ["ahead"] : [])
    }

    mutating func step() throws {
        if Bool.random(using: &random) { try first.step() } else { try second.step() }
        mirror()
    }

    /// Until neither hop has anything to do.
    mutating func settle() throws {
        for _ in 0..<200 {
            try first.settle()
            mirror()
            try second.settle()
            mirror()
            if try !first.settleStep(), try !second.settleStep() { return }
        }
        Issue.record("no rest")
    }

    /// The middle one goes its own way: what was not durable there is gone for its replica.
    mutating func promoteMiddle() {
        mirror()
        isCascading = false
        first.breakConnection()
        first.replica.stop()
        second.server.promote()
        second.writes = true
    }

    private mutating func mirror() {
        if isCascading { second.server.mirror(first.replica) }
    }
}
