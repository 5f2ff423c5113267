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
        var world = World(seed: seed)
        for _ in 0..<4000 { try world.step() }
        try world.settle()
        #expect(world.replica.log == world.server.log)
        #expect(world.replica.timeline == world.server.state.timeline)
        #expect(world.replica.receiver.flushLSN == world.server.state.flushLSN)
        #expect(world.complaints == [])
        #expect(!world.replica.events.contains { $0.isBreach })
    }

    @Test func `the accidents do happen`() throws {
        var events: [WALReceiver.Event] = []
        for seed: UInt64 in 100..<110 {
            var world = World(seed: seed)
            for _ in 0..<4000 { try world.step() }
            events += world.replica.events
        }
        #expect(events.count { $0 == .disconnected } > 20)
        #expect(events.count { $0.isFollowing } > 20)
        #expect(events.count { $0.isStreaming } > 50)
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `a clean stop waits for the replica and then for nothing`(_ seed: UInt64) throws {
        var world = World(seed: seed)
        world.breaks = false
        for _ in 0..<100 { try world.step() }
        try world.reconnect()
        world.server.write([UInt8](repeating: 0x42, count: 120))
        _ = world.server.stop()
        try world.settle()
        #expect(world.server.sender?.isFinished == true)
        #expect(world.replica.log == world.server.log)
        #expect(world.replica.receiver.flushLSN == world.server.state.flushLSN)
        #expect(world.replica.receiver.phase == .waiting)
        #expect(world.complaints == [])
    }

    @Test func `two that have nothing to say rest, even when one of them is stopping`() throws {
        var world = World(seed: 1)
        world.breaks = false
        world.replica.connect()
        world.server.write([UInt8](repeating: 1, count: 100_000))
        try world.settle()
        #expect(world.stepsToSettle < 100)
        // A disk that never syncs: the confirmation does not come, and nobody asks in a circle.
        world.isDiskStuck = true
        world.server.write([2])
        try world.settle()
        _ = world.server.stop()
        try world.settle()
        #expect(world.stepsToSettle < 20)
        #expect(world.server.sender?.isFinished == false)
        world.isDiskStuck = false
        try world.settle()
        #expect(world.server.sender?.isFinished == true)
    }
}

extension WALReceiver.Event {
    fileprivate var isFollowing: Bool { if case .followed = self { true } else { false } }
    fileprivate var isStreaming: Bool { if case .streaming = self { true } else { false } }

    /// Nothing that two honest ends should ever see.
    fileprivate var isBreach: Bool {
        switch self {
        case .protocolViolation, .stopped, .refused: true
        case .streaming, .disconnected, .followed: false
        }
    }
}

/// One upstream, one replica, the wire between them, and chance.
private struct World {
    var server = MemoryServer()
    var replica = MemoryReplica()
    /// Whether connections break, power fails and the server is promoted.
    var breaks = true
    var isDiskStuck = false
    private(set) var complaints: [String] = []
    private(set) var stepsToSettle = 0
    private var random: SeededGenerator
    /// The bytes on the wire.
    private var down: [UInt8] = []
    private var up: [UInt8] = []

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        replica.connect()
    }

    /// Something happens.
    mutating func step() throws {
        switch Int.random(in: 0..<1000, using: &random) {
        case 0..<30: writeSomething()
        case 30..<400: try deliver()
        case 400..<550: work()
        case 550..<650: _ = server.pump(room: Int.random(in: 0..<400_000, using: &random))
        case 650..<800: _ = server.answerRead()
        case 800..<870: _ = replica.quiet()
        case 870..<930: if replica.wantsDial { dial() }
        case 930..<980: if replica.isRetryDue { replica.retry() }
        case 980..<988: if breaks { breakConnection() }
        case 988..<993: if breaks { server.promote() }
        case 993..<996: if breaks { losePower() }
        default: break
        }
        collect()
    }

    /// Goes on until nothing is left to do; no more accidents.
    mutating func settle() throws {
        for round in 1... {
            stepsToSettle = round
            collect()
            if try !settleStep() { return }
            try #require(round < 2000, "no rest after \(round) rounds")
        }
    }

    /// Makes a connection, and lets it come to stream.
    mutating func reconnect() throws {
        try settle()
        try #require(replica.receiver.isStreaming)
    }

    private mutating func settleStep() throws -> Bool {
        if replica.wantsDial, !server.hasClosed {
            dial()
            return true
        }
        if replica.isRetryDue, !server.hasClosed {
            replica.retry()
            return true
        }
        if !down.isEmpty || !up.isEmpty {
            try deliver()
            return true
        }
        if server.answerRead() { return true }
        if !isDiskStuck, work() { return true }
        if server.hasClosed, replica.isConnected {
            replica.connectionClosed()
            return true
        }
        let isReplicaBusy = replica.quiet()
        let isServerBusy = server.pump(room: 1 << 20)
        return isReplicaBusy && !isDiskStuck || isServerBusy || !replica.output.isEmpty
    }

    private mutating func writeSomething() {
        let largest = Int.random(in: 0..<8, using: &random) == 0 ? 300_000 : 3000
        let count = Int.random(in: 1...largest, using: &random)
        // Each eight bytes are unlike all others, so nothing can be where it does not belong.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count {
            withUnsafeBytes(of: random.next()) { bytes.append(contentsOf: $0) }
        }
        bytes.removeLast(bytes.count - count)
        server.write(bytes)
    }

    private mutating func collect() {
        down += server.output
        server.output = []
        up += replica.output
        replica.output = []
        complaints = replica.complaints + complaints.filter { !replica.complaints.contains($0) }
    }

    /// A few bytes arrive, on one side or on both.
    private mutating func deliver() throws {
        let downCount = chunk(of: down.count)
        let piece = Array(down.prefix(downCount))
        down.removeFirst(downCount)
        try replica.receive(piece)
        let upCount = chunk(of: up.count)
        let word = Array(up.prefix(upCount))
        up.removeFirst(upCount)
        try server.receive(word)
    }

    private mutating func chunk(of count: Int) -> Int {
        guard count > 0 else { return 0 }
        let largest = Bool.random(using: &random) ? 100 : 500_000
        return Int.random(in: 1...min(count, largest), using: &random)
    }

    @discardableResult
    private mutating func work() -> Bool {
        guard replica.hasWork else { return false }
        if let wrote = replica.work() {
            // The bytes are the server's, and on the timeline on which the server wrote them.
            let (start, end) = (wrote.range.lowerBound, wrote.range.upperBound)
            if server.timeline(at: start) != wrote.timeline
                || server.timeline(at: end.advanced(by: -1)) != wrote.timeline
            {
                complaints.append("\(start) written on timeline \(wrote.timeline)")
            }
        }
        return true
    }

    private mutating func dial() {
        down = []
        up = []
        server.accept()
        replica.dialled()
    }

    /// The connection breaks at any byte: what was under way may arrive in part.
    private mutating func breakConnection() {
        down = []
        up = []
        server.disconnect()
        replica.connectionClosed()
    }

    private mutating func losePower() {
        breakConnection()
        replica.loseWhatIsNotDurable()
        replica.connect()
    }
}
