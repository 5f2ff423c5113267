import Testing
import WALFormat

struct LineageTests {
    private static func lineage(_ timeline: UInt32, _ forks: [(UInt32, UInt64)] = []) -> Lineage {
        Lineage(
            of: Timeline(timeline),
            forks.reduce(into: TimelineHistory()) {
                $0.append(timeline: Timeline($1.0), switchpoint: LSN($1.1), reason: "")
            })
    }

    private let first = LineageTests.lineage(1)
    private let second = LineageTests.lineage(2, [(1, 100)])
    private let third = LineageTests.lineage(3, [(1, 80)])

    @Test func `a position belongs to the timeline that wrote the byte before it`() {
        #expect(second.includes(LogPosition(Timeline(1), LSN(100))))
        #expect(!second.includes(LogPosition(Timeline(1), LSN(101))))
        #expect(second.includes(LogPosition(Timeline(2), LSN(101))))
        #expect(second.timeline(at: LSN(100)) == Timeline(2))
        #expect(second.timeline(before: LSN(100)) == Timeline(1))
    }

    @Test func `a shorter log of one timeline is a beginning of a longer one`() {
        let short = LogExtent(first, end: LSN(50))
        let long = LogExtent(first, end: LSN(60))
        #expect(short.isBeginning(of: long))
        #expect(!long.isBeginning(of: short))
        #expect(long.sharedEnd(with: short) == LSN(50))
        #expect(long.parting(from: short) == nil)
    }

    @Test func `a log that ends at a fork is a beginning of both sides`() {
        let replica = LogExtent(first, end: LSN(100))
        let primary = LogExtent(second, end: LSN(180))
        #expect(replica.isBeginning(of: primary))
        #expect(replica.isBeginning(of: LogExtent(first, end: LSN(300))))
        // It has heard of the new timeline, and has nothing of it.
        #expect(LogExtent(second, end: LSN(100)).isBeginning(of: LogExtent(first, end: LSN(300))))
        #expect(LogExtent(second, end: LSN(100)).endPosition == LogPosition(Timeline(1), LSN(100)))
    }

    @Test func `a log past the fork has parted there, however long the other is`() {
        let old = LogExtent(first, end: LSN(120))
        let new = LogExtent(second, end: LSN(500))
        #expect(!old.isBeginning(of: new))
        #expect(old.sharedEnd(with: new) == LSN(100))
        #expect(old.parting(from: new) == Timeline(2))
        #expect(new.parting(from: old) == Timeline(2))
    }

    @Test func `two promotions of one log part at the earlier fork`() {
        let left = LogExtent(second, end: LSN(200))
        let right = LogExtent(third, end: LSN(90))
        #expect(left.sharedEnd(with: right) == LSN(80))
        #expect(left.parting(from: right) == Timeline(3))
        #expect(right.parting(from: left) == Timeline(3))
    }

    @Test func `two promotions at one place part there`() {
        let left = LogExtent(second, end: LSN(200))
        let right = LogExtent(Self.lineage(3, [(1, 100)]), end: LSN(200))
        #expect(left.sharedEnd(with: right) == LSN(100))
        #expect(left.parting(from: right) == Timeline(2))
        let later = LogExtent(Self.lineage(3, [(1, 100), (2, 200)]), end: LSN(250))
        #expect(left.isBeginning(of: later))
        #expect(right.sharedEnd(with: later) == LSN(100))
    }

    @Test func `a log holds what its own history goes through, and nothing else`() {
        let log = LogExtent(second, end: LSN(180))
        #expect(log.contains(LogPosition(Timeline(1), LSN(100))))
        #expect(!log.contains(LogPosition(Timeline(1), LSN(120))))
        #expect(log.contains(LogPosition(Timeline(2), LSN(180))))
        #expect(!log.contains(LogPosition(Timeline(2), LSN(181))))
        #expect(!log.contains(LogPosition(Timeline(3), LSN(150))))
    }
}
