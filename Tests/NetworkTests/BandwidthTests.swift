import LabClock
import Testing

@testable import Network

/// Bandwidth, window, jitter, stall and outage of one direction of a wire, in lab time.
struct BandwidthTests {
    private func at(_ milliseconds: Int64) -> LabInstant {
        .start.advanced(by: .milliseconds(milliseconds))
    }

    private func wire(
        capacity: Int = 16 << 20, returning: WireFaults = .none,
        _ body: (inout WireFaults) -> Void
    ) -> LinkDirection {
        var wire = LinkDirection(capacity: capacity, jitter: Jitter(seed: 7, wire: "p-r1"))
        var faults = WireFaults.none
        body(&faults)
        wire.set(faults, returning: returning, now: .start)
        return wire
    }

    // MARK: Bandwidth

    @Test func `a batch comes out when its last byte has passed the line`() {
        var wire = wire {
            $0.bandwidth = 1000
            $0.delay = .milliseconds(5)
        }
        wire.put(.bytes([UInt8](repeating: 1, count: 4)), now: at(0))
        #expect(wire.nextDue == at(9))
        wire.put(.bytes([UInt8](repeating: 2, count: 2)), now: at(0))
        wire.put(.close, now: at(0))
        #expect(wire.nextDue == at(11))
        #expect(wire.comesOut(until: at(100)) == [at(11): 6])
        #expect(wire.isEmpty)
    }

    @Test func `a large batch comes out in slices of ten milliseconds, and its rest`() {
        var wire = wire { $0.bandwidth = 1000 }
        wire.put(.bytes([UInt8](repeating: 1, count: 25)), now: at(0))
        #expect(wire.waitingByteCount == 15 && wire.flyingByteCount == 10)
        #expect(wire.comesOut(until: at(100)) == [at(10): 10, at(20): 10, at(25): 5])
    }

    @Test func `what comes while the line is busy waits for it`() {
        var wire = wire { $0.bandwidth = 1000 }
        wire.put(.bytes([UInt8](repeating: 1, count: 8)), now: at(0))
        wire.put(.bytes([UInt8](repeating: 2, count: 3)), now: at(4))
        wire.put(.bytes([UInt8](repeating: 3, count: 1)), now: at(5))
        #expect(wire.comesOut(until: at(100)) == [at(8): 8, at(11): 3, at(12): 1])
    }

    @Test func `another bandwidth holds for what waits, not for what is on the wire`() {
        var wire = wire { $0.bandwidth = 1000 }
        wire.put(.bytes([UInt8](repeating: 1, count: 20)), now: at(0))
        var faults = wire.faults
        faults.bandwidth = 10_000
        wire.set(faults, now: at(5))
        #expect(wire.comesOut(until: at(100)) == [at(10): 10, at(11): 10])
    }

    @Test func `a line that is down takes nothing in, and then what waits at its pace`() {
        var wire = wire { $0.bandwidth = 1000 }
        var cut = wire.faults
        cut.isCut = true
        let whole = wire.faults
        wire.set(cut, now: at(0))
        wire.put(.bytes([UInt8](repeating: 1, count: 20)), now: at(0))
        #expect(wire.nextDue == nil)
        wire.set(whole, now: at(50))
        #expect(wire.comesOut(until: at(100)) == [at(60): 10, at(70): 10])
    }

    // MARK: Window

    /// The chapter's figures: 6 MB every 130 ms is 46.15 MB/s, however fast the line is.
    @Test(arguments: [nil, 1 << 30])
    func `throughput is at most the window in a round trip`(_ bandwidth: Int?) {
        var back = WireFaults.none
        back.delay = .milliseconds(65)
        var wire = wire(returning: back) {
            $0.delay = .milliseconds(65)
            $0.window = 6_000_000
            $0.bandwidth = bandwidth
        }
        let came = wire.flood(until: at(13_000), piece: 1 << 20)
        let perSecond = Double(came) / 13
        #expect(abs(perSecond / 46_153_846 - 1) < 0.01, "\(perSecond) bytes a second")
    }

    @Test func `a byte leaves the window when its acknowledgement has come back`() {
        var back = WireFaults.none
        back.delay = .milliseconds(4)
        var wire = wire(returning: back) {
            $0.delay = .milliseconds(10)
            $0.window = 3
        }
        wire.put(.bytes([1, 2, 3, 4, 5]), now: at(0))
        #expect(wire.flyingByteCount == 3 && wire.waitingByteCount == 2)
        #expect(wire.comesOut(until: at(100)) == [at(10): 3, at(24): 2])
    }

    @Test func `acknowledgements do not come while the other way is cut`() {
        var back = WireFaults.none
        back.isCut = true
        var wire = wire(returning: back) { $0.window = 3 }
        wire.put(.bytes([1, 2, 3, 4, 5]), now: at(0))
        #expect(wire.comesOut(until: at(50)) == [at(0): 3])
        #expect(wire.nextDue == nil)
        wire.set(wire.faults, returning: .none, now: at(60))
        #expect(wire.comesOut(from: at(60), until: at(100)) == [at(60): 2])
    }

    // MARK: Jitter

    @Test func `jitter makes bytes later, each instant's differently, and never out of order`() {
        var wire = wire {
            $0.delay = .milliseconds(10)
            $0.jitter = .milliseconds(30)
        }
        var travels: Set<Duration> = []
        for step in Int64(0)..<20 {
            let now = at(step * 100)
            wire.put(.bytes([UInt8(step)]), now: now)
            let due = wire.nextDue!
            travels.insert(due.since(now))
            #expect(due.since(now) >= .milliseconds(10) && due.since(now) <= .milliseconds(40))
            #expect(wire.take(now: due) == .bytes([UInt8(step)]))
        }
        #expect(travels.count == Jitter.count)
    }

    // MARK: Stall and outage

    @Test func `a stalled wire takes nothing more, and what is under way arrives`() {
        var wire = wire { $0.delay = .milliseconds(10) }
        wire.put(.bytes([1]), now: at(0))
        var faults = wire.faults
        faults.isStalled = true
        wire.set(faults, now: at(5))
        #expect(wire.room == 0)
        wire.put(.close, now: at(6))
        #expect(wire.comesOut(until: at(100)) == [at(10): 1])
        #expect(!wire.isEmpty && wire.nextDue == nil)
        faults.isStalled = false
        wire.set(faults, now: at(200))
        #expect(wire.nextDue == at(210))
    }

    @Test func `an outage ends by itself, and comes again where it is to`() {
        var wire = wire {
            $0.delay = .milliseconds(1)
            $0.outage = .init(
                began: .start, lasting: .milliseconds(20), every: .milliseconds(100))
        }
        wire.put(.bytes([1]), now: at(0))
        #expect(wire.nextDue == at(20))
        #expect(wire.take(now: at(19)) == nil)
        #expect(wire.take(now: at(20)) == .bytes([1]))
        wire.put(.bytes([2]), now: at(50))
        #expect(wire.take(now: at(51)) == .bytes([2]))
        wire.put(.bytes([3]), now: at(99))
        #expect(wire.nextDue == at(120))
    }

    @Test func `an outage that happens once is over for good`() {
        var faults = WireFaults.none
        faults.outage = .init(began: at(10), lasting: .milliseconds(5), every: nil)
        #expect([9, 10, 14, 15].map { faults.isDown(at: at($0)) } == [false, true, true, false])
        #expect(faults.asOf(at(14)) == faults)
        #expect(faults.asOf(at(15)) == .none)
    }

    // MARK: Pieces

    /// TCP may cut a stream anywhere, and the lab may come to rest between two pieces: nothing of
    /// that may show at the other end.
    @Test(arguments: 0..<40)
    func `any pieces of the same bytes at the same instants come out the same`(_ seed: Int) {
        var draws = SeededDraws(seed: UInt64(seed))
        let faults = Self.faults(&draws)
        let back = Self.faults(&draws)
        let sent = (0..<30).map { _ in
            (
                LabInstant(nanoseconds: Int64(draws.number(below: 40)) * 500_000),
                draws.number(below: 40)
            )
        }.sorted { $0.0 < $1.0 }
        var outcomes: Set<[LabInstant: Int]> = []
        for longest in [1, 3, 17, 1000] {
            var wire = LinkDirection(capacity: 1 << 20, jitter: Jitter(seed: 1, wire: "w"))
            wire.set(faults, returning: back, now: .start)
            var came: [LabInstant: Int] = [:]
            for (instant, count) in sent {
                came.merge(wire.comesOut(until: instant, isWithin: true)) { $0 + $1 }
                var left = count
                while left > 0 {
                    let piece = min(left, 1 + draws.number(below: longest))
                    wire.put(.bytes([UInt8](repeating: 0, count: piece)), now: instant)
                    came.merge(wire.comesOut(from: instant, until: instant)) { $0 + $1 }
                    left -= piece
                }
            }
            came.merge(wire.comesOut(until: at(100_000))) { $0 + $1 }
            #expect(wire.isEmpty)
            outcomes.insert(came)
        }
        #expect(outcomes.count == 1)
    }

    private static func faults(_ draws: inout SeededDraws) -> WireFaults {
        var faults = WireFaults.none
        if draws.isOne(in: 2) { faults.delay = .microseconds(draws.number(below: 9000)) }
        if draws.isOne(in: 2) { faults.jitter = .microseconds(draws.number(below: 9000)) }
        if draws.isOne(in: 2) { faults.bandwidth = 1 + draws.number(below: 20_000) }
        if draws.isOne(in: 2) { faults.window = 1 + draws.number(below: 100) }
        if draws.isOne(in: 3) {
            faults.outage = .init(
                began: .start.advanced(by: .milliseconds(draws.number(below: 10))),
                lasting: .milliseconds(1 + draws.number(below: 5)), every: .milliseconds(9))
        }
        return faults
    }
}

extension LinkDirection {
    /// Takes everything at the instants at which it comes out, and says how much that was when.
    /// With `isWithin`: what comes out at the last of them is left.
    fileprivate mutating func comesOut(
        from start: LabInstant = .start, until end: LabInstant, isWithin: Bool = false
    ) -> [LabInstant: Int] {
        var came: [LabInstant: Int] = [:]
        while let due = nextDue, isWithin ? due < end : due <= end {
            let now = max(due, start)
            while let delivery = take(now: now) {
                if delivery.byteCount > 0 { came[now, default: 0] += delivery.byteCount }
            }
            advance(to: now)
        }
        return came
    }

    /// Keeps it full, and counts the bytes that come out.
    fileprivate mutating func flood(until end: LabInstant, piece: Int) -> Int {
        var now = LabInstant.start
        var came = 0
        while now <= end {
            while room >= piece { put(.bytes([UInt8](repeating: 0, count: piece)), now: now) }
            while let delivery = take(now: now) { came += delivery.byteCount }
            now = nextDue ?? end.advanced(by: .nanoseconds(1))
        }
        return came
    }
}
