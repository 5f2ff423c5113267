import LabClock
import TestSupport
import Testing

@testable import WALFormat

@Suite struct WALInserterTests {
    /// The two page headers of a captured log: a segment's first page, and one inside a record.
    @Test func `page headers are those captured from PostgreSQL`() {
        func header(at address: LSN, remaining: Int) -> [UInt8] {
            var bytes: [UInt8] = []
            WALPageHeader.append(
                to: &bytes, address: address, timeline: .first, remaining: remaining,
                segmentSize: .oneMebibyte, systemIdentifier: TestLog.systemIdentifier)
            return bytes
        }
        #expect(
            header(at: LSN(0x1200000), remaining: 0)
                == hex(
                    """
                    10d1 0600 01000000 0000200100000000 00000000 00000000 \
                    b87d893f1177036b 00001000 00200000
                    """))
        #expect(
            header(at: LSN(0x1202000), remaining: 0x91)
                == hex("10d1 0500 01000000 0020200100000000 91000000 00000000"))
    }

    @Test func `the first record of a log stands behind the long header`() {
        var log = TestLog(at: LSN(0x1000000))
        log.append(.noop)
        #expect(log.records.first?.start == LSN(0x1000028))
        #expect(log.records.first?.record.previous == .invalid)
        #expect(log.end == LSN(0x1000040))
        #expect(log.bytes.count == 64)
    }

    @Test func `a record that ends on a page leaves the next header to the next record`() {
        var log = TestLog(at: LSN(0x1001F00), previous: LSN(0x1001000))
        log.append(message(filling: 0x100))
        #expect(log.end == LSN(0x1002000))
        #expect(log.bytes.count == 0x100)
        log.append(.noop)
        #expect(log.records.last?.start == LSN(0x1002018))
        #expect(log.bytes.count == 0x100 + 24 + 24)
    }

    @Test func `only the length and the xid need to fit on a record's first page`() {
        var log = TestLog(at: LSN(0x1001F00), previous: LSN(0x1001000))
        log.append(message(filling: 0xF8))
        log.append(.commit(PostgresTime(microseconds: 1)))
        #expect(log.records.last?.start == LSN(0x1001FF8))
        #expect(log.records.last?.end == LSN(0x1002018 + 26 + 6))
        let header = log.bytes[0x100..<0x118]
        #expect(Array(header) == hex("10d1 0500 01000000 0020000100000000 1a000000 00000000"))
    }

    @Test func `a segment switch fills the segment with zeros and no headers`() {
        var log = TestLog(at: LSN(0x1000000))
        log.append(.noop)
        let before = log.bytes.count
        log.append(.switchSegment)
        #expect(log.end == LSN(0x1100000))
        #expect(log.bytes.count == 1 << 20)
        #expect(log.bytes[(before + 24)...].allSatisfy { $0 == 0 })
        log.append(.switchSegment)
        #expect(log.end == LSN(0x1100000))
        #expect(log.records.count == 2)
        log.append(.noop)
        #expect(log.records.last?.start == LSN(0x1100028))
    }

    @Test(arguments: [8, 16, 24, 32]) func `a switch at the very end of a segment`(room: UInt64) {
        var log = TestLog(at: LSN(0x1100000 - room), previous: LSN(0x1001000))
        log.append(.switchSegment)
        #expect(log.end == LSN(room < 24 ? 0x1200000 : 0x1100000))
        log.append(.noop)
        var reader = log.reader()
        reader.feed(log.bytes)
        #expect(reader.readAll().records == log.records)
    }

    @Test func `pending bytes are taken once and follow one another`() {
        var random = SeededDraws(seed: 5)
        var inserter = TestLog(at: LSN(0x1000000)).inserter
        var expected = LSN(0x1000000)
        #expect(inserter.takePending() == nil)
        for _ in 0..<60 {
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                inserter.insert(randomRecord(&random, limit: 9000))
            }
            let taken = inserter.takePending()
            #expect(taken?.at == expected)
            expected = expected.advanced(by: taken?.bytes.count ?? 0)
            #expect(expected == inserter.insertLSN)
            #expect(inserter.takePending() == nil)
        }
    }

    /// Recovery hands a fresh inserter the end of the last record; the log must come out the same.
    @Test func `resumed after every record it writes the same log`() {
        let log = randomLog(seed: 6, count: 70, limit: 30000)
        var resumed: [UInt8] = []
        var end = log.start
        var previous = log.firstPrevious
        for placed in log.records {
            var inserter = WALInserter(
                systemIdentifier: TestLog.systemIdentifier, timeline: .first,
                segmentSize: .oneMebibyte, at: end, previous: previous)
            let inserted =
                placed.record.isSegmentSwitch
                ? inserter.switchSegment() : inserter.insert(placed.record)
            #expect(inserted == .init(start: placed.start, end: placed.end))
            #expect(inserter.previous == placed.start)
            resumed += inserter.takePending()?.bytes ?? []
            (end, previous) = (inserted.end, inserted.start)
        }
        #expect(resumed == log.bytes)
    }
}

/// A message that, with its padding, takes up `byteCount` bytes of log.
func message(filling byteCount: Int) -> RecordBody {
    let rest = byteCount - 24 - 2 - 24 - 4
    let content = [UInt8](repeating: 0x2E, count: rest <= 227 ? rest : rest - 3)
    return .logicalMessage(transactional: false, prefix: "lab", content: content)
}

/// Random records from the start of a segment on, some of them segment switches.
func randomLog(seed: UInt64, count: Int, limit: Int) -> TestLog {
    var random = SeededDraws(seed: seed)
    var log = TestLog(at: LSN(0x1000000))
    for number in 1...count {
        if number % 29 == 0 { log.append(.switchSegment) }
        log.append(randomRecord(&random, limit: limit))
    }
    return log
}
