import LabClock
import Replication
import Testing
import WALFormat
import WireProtocol

/// One upstream, one replica, the wire between them, and chance.
struct Hop {
    var server = MemoryServer()
    var replica: MemoryReplica
    /// Whether connections break, power fails and the server is promoted.
    var breaks = true
    var isDiskStuck = false
    /// The wire takes bytes and gives none.
    var isStalled = false
    /// The server takes checkpoints, and removes what its slots do not keep, up to this limit.
    var checkpoints: (slotKeepByteCount: Int?, isOn: Bool) = (nil, false)
    /// Whether the server writes, and is promoted, by itself.
    var writes = true
    /// One write in so many is a large one.
    var largeWriteEvery = 8
    private(set) var now = instant
    /// Base backups that were needed, as the log was gone.
    private(set) var reseedCount = 0
    private(set) var complaints: [String] = []
    private(set) var stepsToSettle = 0
    private var random: SeededDraws
    /// The bytes on the wire.
    private var down: [UInt8] = []
    private var up: [UInt8] = []

    init(seed: UInt64, slot: String? = nil) {
        random = SeededDraws(seed: seed)
        replica = MemoryReplica(slot: slot)
        if let slot { server.createSlot(slot) }
        replica.connect()
    }

    /// Something happens.
    mutating func step() throws {
        switch Int.random(in: 0..<1000, using: &random) {
        case 0..<30: if writes { writeSomething() }
        case 30..<400: try deliver()
        case 400..<550: work()
        case 550..<650: _ = server.pump(room: Int.random(in: 0..<400_000, using: &random))
        case 650..<800: _ = server.answerRead()
        case 800..<870: _ = replica.quiet()
        case 870..<930: if replica.wantsDial { dial() }
        case 930..<980: if replica.isRetryDue { replica.retry() }
        case 980..<988: if breaks { breakConnection() }
        case 988..<993: if breaks, writes { server.promote() }
        case 993..<996: if breaks { losePower() }
        default: if checkpoints.isOn { checkpoint() }
        }
        collect()
        noticeClose()
    }

    /// A checkpoint; who finds its log gone is seeded again.
    mutating func checkpoint() {
        _ = server.checkpoint(slotKeepByteCount: checkpoints.slotKeepByteCount)
    }

    private mutating func noticeClose() {
        guard server.hasClosed, replica.isConnected, down.isEmpty, !isStalled else { return }
        replica.connectionClosed()
    }

    /// The log that the replica needs is gone: it takes a base backup.
    mutating func reseedIfLost() {
        guard isLost else { return }
        reseedCount += 1
        breakConnection()
        replica.reseed(from: server)
        replica.connect()
    }

    /// Time goes on to the next deadline, `limit` at most. Says whether anybody did anything.
    mutating func wait(atMost limit: PostgresTime) -> Bool {
        let deadlines = [
            server.sender?.nextDeadline(server: server.state), replica.receiver.nextDeadline,
        ]
        now = max(now, deadlines.compactMap(\.self).reduce(limit, min))
        let isServerBusy = server.tick(to: now)
        let isReplicaBusy = replica.tick(to: now)
        collect()
        return isServerBusy || isReplicaBusy
    }

    /// Goes on until nothing is left to do; no more accidents.
    mutating func settle(until isEnough: (Hop) -> Bool = { _ in false }) throws {
        for round in 1... {
            stepsToSettle = round
            collect()
            if try isEnough(self) || !settleStep() { return }
            try #require(round < 2000, "no rest after \(round) rounds")
        }
    }

    /// The same, but nobody tries again who has to wait for that.
    mutating func settleKeepingRetries() throws {
        try settle { $0.replica.isRetryDue }
    }

    /// The replica was told that the log it needs is gone.
    var isLost: Bool { replica.events.last == .refused(MemoryServer.removed) }

    /// Makes a connection, and lets it come to stream.
    mutating func reconnect() throws {
        try settle()
        try #require(replica.receiver.isStreaming)
    }

    mutating func settleStep() throws -> Bool {
        if replica.wantsDial, !server.isStopped {
            dial()
            return true
        }
        if replica.isRetryDue, !server.isStopped {
            replica.retry()
            return true
        }
        if !isStalled, !down.isEmpty || !up.isEmpty {
            try deliver()
            return true
        }
        if server.answerRead() { return true }
        if !isDiskStuck, work() { return true }
        if server.hasClosed, replica.isConnected, !isStalled {
            replica.connectionClosed()
            return true
        }
        let isReplicaBusy = replica.quiet()
        let isServerBusy = server.pump(room: 1 << 20)
        return isReplicaBusy && !isDiskStuck || isServerBusy || !replica.output.isEmpty
    }

    mutating func writeSomething() {
        let largest = Int.random(in: 0..<largeWriteEvery, using: &random) == 0 ? 300_000 : 3000
        let count = Int.random(in: 1...largest, using: &random)
        // No two pieces are alike, so nothing can be where it does not belong.
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 2000)
        while bytes.count < count {
            withUnsafeBytes(of: random.next()) { bytes.append(contentsOf: $0) }
            let filler = UInt8.random(in: 0...255, using: &random)
            bytes += [UInt8](repeating: filler, count: Int.random(in: 0..<1000, using: &random))
        }
        bytes.removeLast(bytes.count - count)
        server.write(bytes)
    }

    mutating func collect() {
        down += server.output
        server.output = []
        up += replica.output
        replica.output = []
        complaints = replica.complaints + complaints.filter { !replica.complaints.contains($0) }
    }

    /// A few bytes arrive, on one side or on both.
    mutating func deliver() throws {
        if isStalled { return }
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
    mutating func work() -> Bool {
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

    mutating func dial() {
        down = []
        up = []
        server.accept()
        replica.dialled()
    }

    /// The connection breaks at any byte: what was under way may arrive in part.
    mutating func breakConnection() {
        down = []
        up = []
        server.disconnect()
        replica.connectionClosed()
    }

    mutating func losePower() {
        breakConnection()
        replica.loseWhatIsNotDurable()
        replica.connect()
    }
}
