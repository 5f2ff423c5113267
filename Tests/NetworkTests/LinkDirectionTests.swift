import LabClock
import Testing

@testable import Network

/// One direction of a wire, fault by fault. It is told the time and says what comes out.
struct LinkDirectionTests {
    private let sent: [UInt8] = [1, 2, 3, 4, 5, 6]

    private func at(_ milliseconds: Int64) -> LabInstant {
        .start.advanced(by: .milliseconds(milliseconds))
    }

    private func wire(delay: Duration = .zero, capacity: Int = 1 << 20) -> LinkDirection {
        var wire = LinkDirection(capacity: capacity)
        wire.change(at: at(0)) { $0.delay = delay }
        return wire
    }

    @Test func `a whole wire without delay hands over at once`() {
        var wire = wire()
        wire.put(.bytes(sent), now: at(0))
        #expect(wire.takeAll(now: at(0)) == [.bytes(sent)])
        #expect(wire.isEmpty)
        #expect(wire.nextDue == nil)
    }

    // MARK: Delay

    @Test func `each byte travels as long as the delay says, and not a nanosecond less`() {
        var wire = wire(delay: .milliseconds(80))
        wire.put(.bytes([1]), now: at(0))
        wire.put(.bytes([2]), now: at(30))
        #expect(wire.nextDue == at(80))
        #expect(wire.takeAll(now: LabInstant(nanoseconds: at(80).nanoseconds - 1)) == [])
        #expect(wire.takeAll(now: at(80)) == [.bytes([1])])
        #expect(wire.nextDue == at(110))
        #expect(wire.takeAll(now: at(110)) == [.bytes([2])])
    }

    @Test func `what comes out late comes out in the order in which it went in`() {
        var wire = wire(delay: .milliseconds(5))
        for byte in sent { wire.put(.bytes([byte]), now: at(Int64(byte))) }
        wire.put(.close, now: at(7))
        #expect(wire.takeAll(now: at(1000)) == sent.map { .bytes([$0]) } + [.close])
    }

    @Test func `a longer delay leaves what is under way as it was`() {
        var wire = wire(delay: .milliseconds(10))
        wire.put(.bytes([1]), now: at(0))
        wire.change(at: at(0)) { $0.delay = .milliseconds(500) }
        wire.put(.bytes([2]), now: at(0))
        #expect(wire.takeAll(now: at(10)) == [.bytes([1])])
        #expect(wire.nextDue == at(500))
    }

    @Test func `a shorter delay lets nothing overtake what was sent before`() {
        var wire = wire(delay: .milliseconds(500))
        wire.put(.bytes([1]), now: at(0))
        wire.change(at: at(100)) { $0.delay = .zero }
        wire.put(.bytes([2]), now: at(100))
        wire.put(.close, now: at(200))
        #expect(wire.takeAll(now: at(499)) == [])
        #expect(wire.takeAll(now: at(500)) == [.bytes([1]), .bytes([2]), .close])
    }

    @Test func `once the wire is empty a shorter delay counts in full`() {
        var wire = wire(delay: .milliseconds(500))
        wire.put(.bytes([1]), now: at(0))
        _ = wire.takeAll(now: at(500))
        wire.change(at: at(600)) { $0.delay = .milliseconds(1) }
        wire.put(.bytes([2]), now: at(600))
        #expect(wire.nextDue == at(601))
    }

    // MARK: Cuts

    @Test func `a cut wire keeps what is on it and hands over nothing`() {
        var wire = wire(delay: .milliseconds(10))
        wire.put(.bytes([1]), now: at(0))
        wire.change(at: at(0)) { $0.isCut = true }
        wire.put(.bytes([2]), now: at(5))
        #expect(wire.nextDue == nil)
        #expect(wire.takeAll(now: at(1000)) == [])
        #expect(wire.heldByteCount == 2)
    }

    @Test func `a healed wire hands over what is due, and the rest in its time`() {
        var wire = wire(delay: .milliseconds(10))
        wire.change(at: at(0)) { $0.isCut = true }
        wire.put(.bytes([1]), now: at(0))
        wire.put(.bytes([2]), now: at(95))
        wire.change(at: at(100)) { $0.isCut = false }
        #expect(wire.takeAll(now: at(100)) == [.bytes([1])])
        #expect(wire.nextDue == at(105))
        #expect(wire.takeAll(now: at(105)) == [.bytes([2])])
    }

    @Test(arguments: 0...7)
    func `a cut behind so many bytes falls exactly there, whatever the pieces`(_ allowed: Int) {
        for pieces in splits(of: sent) {
            var wire = wire()
            for piece in pieces { wire.put(.bytes(piece), now: at(0)) }
            var left = allowed
            var out: [UInt8] = []
            while left > 0, case .bytes(let bytes)? = wire.take(now: at(0), atMost: left) {
                out += bytes
                left -= bytes.count
            }
            #expect(out == Array(sent.prefix(allowed)))
            #expect(wire.heldByteCount == sent.count - out.count)
            #expect(wire.takeAll(now: at(0)).bytes == Array(sent.dropFirst(allowed)))
        }
    }

    @Test func `what is left of a piece keeps its time`() {
        var wire = wire(delay: .milliseconds(10))
        wire.put(.bytes(sent), now: at(0))
        wire.put(.bytes([7]), now: at(50))
        #expect(wire.take(now: at(10), atMost: 4) == .bytes([1, 2, 3, 4]))
        #expect(wire.nextDue == at(10))
        #expect(wire.takeAll(now: at(10)) == [.bytes([5, 6])])
        #expect(wire.nextDue == at(60))
    }

    // MARK: Loss

    @Test func `a severed wire loses what was on it, and says how much`() {
        var wire = wire(delay: .milliseconds(10))
        wire.put(.bytes(sent), now: at(0))
        wire.put(.bytes([7]), now: at(1))
        wire.put(.close, now: at(2))
        _ = wire.take(now: at(10))
        #expect(wire.drop() == 1)
        #expect(wire.isEmpty)
        #expect(wire.heldByteCount == 0)
        #expect(wire.takeAll(now: at(1000)) == [])
        #expect(wire.drop() == 0)
    }

    // MARK: Bytes in flight

    @Test func `bytes in flight count from going in to coming out, a close counts for none`() {
        var wire = wire(delay: .milliseconds(10), capacity: 10)
        wire.put(.bytes([1, 2, 3]), now: at(0))
        wire.put(.bytes([4, 5]), now: at(5))
        wire.put(.close, now: at(5))
        #expect(wire.heldByteCount == 5)
        #expect(wire.room == 5)
        _ = wire.take(now: at(10), atMost: 1)
        #expect(wire.heldByteCount == 4)
        _ = wire.takeAll(now: at(10))
        #expect(wire.heldByteCount == 2)
        #expect(wire.room == 8)
        #expect(wire.takeAll(now: at(15)) == [.bytes([4, 5]), .close])
        #expect(wire.room == 10)
    }

    @Test func `a wire that is full has room again for exactly what came out`() {
        var wire = wire(delay: .milliseconds(10), capacity: 6)
        wire.put(.bytes(sent), now: at(0))
        #expect(wire.room == 0)
        _ = wire.take(now: at(10), atMost: 2)
        #expect(wire.room == 2)
        wire.put(.bytes([7, 8]), now: at(10))
        #expect(wire.room == 0)
        #expect(wire.takeAll(now: at(20)).bytes == [3, 4, 5, 6, 7, 8])
    }

    @Test func `a long stream through a small wire is kept in order and forgotten behind it`() {
        var wire = wire(delay: .milliseconds(3), capacity: 400)
        var out: [UInt8] = []
        for step in 0..<1000 {
            let now = at(Int64(step))
            wire.put(.bytes([UInt8(truncatingIfNeeded: step)]), now: now)
            out += wire.takeAll(now: now).bytes
        }
        out += wire.takeAll(now: at(2000)).bytes
        #expect(out == (0..<1000).map { UInt8(truncatingIfNeeded: $0) })
        #expect(wire.isEmpty && wire.room == 400)
    }

    // MARK: Pieces

    /// TCP may cut a stream anywhere: nothing of that may show at the other end.
    @Test func `every split of the same bytes comes out as the same bytes at the same times`() {
        let delays: [Duration] = [.zero, .milliseconds(7), .milliseconds(2), .milliseconds(9)]
        var outcomes: Set<[Int64: [UInt8]]> = []
        for pieces in splits(of: sent) {
            var wire = wire()
            var out: [Int64: [UInt8]] = [:]
            for tick in Int64(0)..<40 {
                if tick < 4 {
                    wire.change(at: at(tick)) { $0.delay = delays[Int(tick)] }
                    for piece in pieces { wire.put(.bytes(piece), now: at(tick)) }
                }
                wire.change(at: at(tick)) { $0.isCut = (12..<20).contains(tick) }
                let bytes = wire.takeAll(now: at(tick)).bytes
                if !bytes.isEmpty { out[tick] = bytes }
            }
            #expect(wire.isEmpty)
            outcomes.insert(out)
        }
        #expect(outcomes == [[0: sent, 8: sent + sent, 20: sent]])
    }
}

/// All ways to cut these bytes into pieces.
private func splits(of bytes: [UInt8]) -> [[[UInt8]]] {
    (0..<(1 << (bytes.count - 1))).map { cuts in
        var pieces: [[UInt8]] = [[]]
        for (index, byte) in bytes.enumerated() {
            pieces[pieces.count - 1].append(byte)
            if index < bytes.count - 1, cuts & (1 << index) != 0 { pieces.append([]) }
        }
        return pieces
    }
}

extension LinkDirection {
    /// Changes some of its faults.
    fileprivate mutating func change(at now: LabInstant, _ body: (inout WireFaults) -> Void) {
        var faults = faults
        body(&faults)
        set(faults, now: now)
    }

    /// All that is due.
    fileprivate mutating func takeAll(now: LabInstant) -> [Delivery] {
        var deliveries: [Delivery] = []
        while let delivery = take(now: now) { deliveries.append(delivery) }
        return deliveries
    }
}

extension [LinkDirection.Delivery] {
    /// The bytes, without regard to the pieces.
    fileprivate var bytes: [UInt8] {
        reduce(into: []) { bytes, delivery in
            if case .bytes(let more) = delivery { bytes += more }
        }
    }
}
