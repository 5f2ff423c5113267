import Replication
import Testing
import WALFormat
import WireProtocol

/// The connection is cut behind every single byte of the handshake and of the first three pieces of
/// WAL, in either direction. What was sent and had not arrived is lost with it.
struct EveryCutTests {
    enum Direction: CaseIterable {
        /// From the primary to the replica.
        case down
        case up
    }

    /// Pieces of WAL, short so that every byte's turn comes soon, and none like another.
    private static let pieces: [[UInt8]] = [
        Array(1...40), Array(41...150), Array(151...220),
    ]

    /// One primary, one replica, and a wire that is cut once.
    private struct Wire {
        var server = MemoryServer()
        var replica = MemoryReplica()
        /// Bytes that still pass before the cut; nil: it is over, or never comes.
        var budget: (direction: Direction, byteCount: Int)?
        /// A disk that syncs only when told to: what was received is not durable at the cut.
        var isDiskSlow = false
        private(set) var wasCut = false
        var passed = [Direction.down: 0, .up: 0]
        private var down: [UInt8] = []
        private var up: [UInt8] = []

        init() { replica.connect() }

        /// Goes on until nobody has anything to do.
        mutating func settle() throws {
            for round in 1... {
                try #require(round < 1_000, "no rest")
                if try !step() { return }
            }
        }

        private mutating func step() throws -> Bool {
            down += server.output
            up += replica.output
            (server.output, replica.output) = ([], [])
            if replica.wantsDial || replica.isRetryDue {
                dial()
                return true
            }
            if !down.isEmpty || !up.isEmpty {
                try pass(.down)
                try pass(.up)
                return true
            }
            if server.answerRead() { return true }
            if replica.hasWork {
                _ = replica.work()
                return true
            }
            if !(isDiskSlow && budget != nil), replica.quiet() { return true }
            return server.pump(room: 1 << 20)
        }

        private mutating func dial() {
            if replica.isRetryDue { replica.retry() }
            (down, up) = ([], [])
            server.accept()
            replica.dialled()
        }

        private mutating func pass(_ direction: Direction) throws {
            var bytes = direction == .down ? down : up
            let isCut = budget.map { $0.direction == direction && bytes.count > $0.byteCount }
            if isCut == true { bytes = Array(bytes.prefix(budget?.byteCount ?? 0)) }
            if budget?.direction == direction { budget?.byteCount -= bytes.count }
            passed[direction, default: 0] += bytes.count
            switch direction {
            case .down:
                down = []
                try replica.receive(bytes)
            case .up:
                up = []
                try server.receive(bytes)
            }
            if isCut == true { cut() }
        }

        private mutating func cut() {
            budget = nil
            wasCut = true
            (down, up) = ([], [])
            (server.output, replica.output) = ([], [])
            server.disconnect()
            replica.connectionClosed()
        }
    }

    /// The whole conversation: the handshake, then three pieces, each when the last was handled.
    private func conversation(
        cutting direction: Direction?, after count: Int = 0, isDiskSlow: Bool = false
    ) throws -> Wire {
        var wire = Wire()
        wire.budget = direction.map { ($0, count) }
        wire.isDiskSlow = isDiskSlow
        try wire.settle()
        for piece in Self.pieces {
            wire.server.write(piece)
            try wire.settle()
        }
        // A disk that was slow comes to its end; then it may say too little to reach the cut.
        wire.budget = nil
        try wire.settle()
        return wire
    }

    @Test(arguments: Direction.allCases, [false, true])
    func `after a cut behind any byte the replica resumes at its flush position`(
        direction: Direction, isDiskSlow: Bool
    ) throws {
        let whole = try conversation(cutting: nil)
        let log = Self.pieces.flatMap(\.self)
        #expect(whole.replica.log == log)
        let byteCount = try #require(whole.passed[direction])
        #expect(byteCount > 300)
        for count in 0..<byteCount {
            let wire = try conversation(
                cutting: direction, after: count, isDiskSlow: isDiskSlow)
            // Durable WAL is not asked for again, nothing comes twice or with a gap: else its
            // disk complains.
            #expect(wire.replica.complaints == [], "cut behind byte \(count)")
            #expect(wire.replica.log == log, "cut behind byte \(count)")
            #expect(wire.replica.receiver.flushLSN == wire.server.state.flushLSN)
            #expect(wire.wasCut || isDiskSlow, "cut behind byte \(count)")
            #expect(!wire.replica.events.contains { if case .refused = $0 { true } else { false } })
            let starts = wire.replica.events.compactMap {
                if case .streaming(let lsn, _) = $0 { lsn } else { nil }
            }
            #expect(starts == starts.sorted() && (1...2).contains(starts.count))
        }
    }
}
