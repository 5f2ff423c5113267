import LabClock
import TestSupport
import Testing

@testable import WALFormat

/// The promise of the reader: it may stop early, but it never reports a record that was not
/// written.
@Suite struct WALReaderDamageTests {
    @Test func `cut at every byte, the whole records in front of the cut remain`() {
        let log = smallLog()
        for cut in 0...log.bytes.count {
            var reader = log.reader()
            reader.feed(Array(log.bytes[..<cut]))
            let read = reader.readAll()
            #expect(read.end == .needsMoreBytes)
            let limit = log.start.advanced(by: cut)
            #expect(read.records == log.records.filter { contentEnd(of: $0) <= limit })
            let started = log.records.filter { $0.start < limit }.count
            #expect(reader.isInsideRecord == (started > read.records.count))
        }
    }

    @Test func `cut at every byte and zeros behind, the log ends there`() {
        let log = smallLog()
        for cut in 0..<log.bytes.count {
            var reader = log.reader()
            reader.feed(
                log.bytes[..<cut] + [UInt8](repeating: 0, count: log.bytes.count + 8192 - cut))
            let read = reader.readAll()
            // A record's last bytes may be zeros themselves, or those in a page header may.
            #expect(log.records.starts(with: read.records))
            let whole = log.records.filter { contentEnd(of: $0) <= log.start.advanced(by: cut) }
            #expect(read.records.count >= whole.count)
            #expect(read.end != .needsMoreBytes)
        }
    }

    @Test(arguments: [0x01, 0x02, 0x08, 0x10, 0x80, 0xFF])
    func `flip every byte: found out, or harmless`(mask: UInt8) {
        let log = smallLog()
        let vital = vitalBytes(of: log)
        for index in log.bytes.indices {
            var damaged = log.bytes
            damaged[index] ^= mask
            var reader = log.reader()
            reader.feed(damaged + [UInt8](repeating: 0, count: 8192))
            let read = reader.readAll()
            #expect(log.records.starts(with: read.records), "byte \(index)")
            if vital.contains(index) {
                #expect(read.records.count < log.records.count, "byte \(index)")
                let next = log.records[read.records.count]
                #expect(next.end.advanced(by: 8) >= log.start.advanced(by: index))
            }
        }
    }

    @Test func `whatever the bytes are, nothing traps and little is kept`() {
        var random = SeededDraws(seed: 21)
        let log = randomLog(seed: 22, count: 12, limit: 9000)
        for _ in 0..<400 {
            var bytes = log.bytes
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let index = Int.random(in: bytes.indices, using: &random)
                bytes[index] = UInt8.random(in: 0...255, using: &random)
            }
            var reader = log.reader()
            let read = reader.readAll(of: bytes) { 4096 }
            #expect(log.records.starts(with: read.records))
        }
        for _ in 0..<400 {
            var reader = WALReader(
                at: LSN(0x1000028), previous: nil, segmentSize: .oneMebibyte,
                systemIdentifier: nil)
            reader.feed(random.bytes(200))
            #expect(reader.readAll().records.isEmpty)
        }
    }

    /// Every page says that an endless record goes on: neither memory nor the stack may grow.
    @Test func `pages that only ever continue are passed over one by one`() {
        var reader = WALReader(
            at: LSN(0x1000000), previous: nil, segmentSize: .oneMebibyte, systemIdentifier: nil)
        for number in 0..<2000 {
            let address = LSN(UInt64(0x1000000 + number * 8192))
            var page: [UInt8] = []
            WALPageHeader.append(
                to: &page, address: address, timeline: .first,
                remaining: 8192 - WALPageHeader.byteCount(at: address, .oneMebibyte),
                segmentSize: .oneMebibyte, systemIdentifier: 1)
            page.append(zeros: 8192 - page.count)
            reader.feed(page)
            #expect(number % 2 == 1 || reader.next() == .needsMoreBytes)
        }
    }

    @Test(arguments: [
        (0, WALPageProblem.magic(0xD1EF)), (2, .infoBits(0x05 ^ 0xFF)),
        (4, .timelineWentBack(Timeline(0x100))), (8, .address(LSN(0x10040FF))),
        (16, .remainingLength(found: 0x1F, expected: 0xE0)),
    ])
    func `a wrong page header inside a record is named`(offset: Int, problem: WALPageProblem) {
        var log = TestLog(at: LSN(0x1001F00), previous: LSN(0x1001000), timeline: Timeline(0x1FF))
        log.append(message(filling: 0x100 + 8168 + 0xE0))
        var bytes = log.bytes
        bytes[0x100 + 8192 + offset] ^= 0xFF
        var reader = log.reader()
        reader.feed(bytes)
        guard case .endOfLog(_, .page(let at, let found)) = reader.next() else {
            Issue.record("the page header was believed")
            return
        }
        #expect(at == LSN(0x1004000))
        #expect(found == problem)
    }

    @Test func `the log of another cluster or segment size is refused`() throws {
        let log = randomLog(seed: 23, count: 1, limit: 10)
        var stranger = WALReader(
            at: log.start, previous: nil, segmentSize: .oneMebibyte, systemIdentifier: 7)
        stranger.feed(log.bytes)
        #expect(
            stranger.next()
                == .endOfLog(
                    at: log.start,
                    .page(at: log.start, .systemIdentifier(TestLog.systemIdentifier))))
        var larger = WALReader(
            at: log.start, previous: nil,
            segmentSize: try #require(SegmentSize(byteCount: 1 << 24)), systemIdentifier: nil)
        larger.feed(log.bytes)
        #expect(
            larger.next()
                == .endOfLog(at: log.start, .page(at: log.start, .segmentSize(1 << 20))))
    }

    /// The end of a record's own bytes, without padding.
    private func contentEnd(of placed: PlacedRecord) -> LSN {
        let count = placed.record.encoded().count
        return placed.end.advanced(by: count - (count + 7) / 8 * 8)
    }

    /// Every byte that a record's meaning or place depends on: all but padding, and in page headers
    /// the timeline, the "removable" bit's byte and the padding.
    private func vitalBytes(of log: TestLog) -> Set<Int> {
        var vital: Set<Int> = []
        for placed in log.records {
            vital.formUnion(placed.start - log.start..<contentEnd(of: placed) - log.start)
        }
        for page in stride(from: 0x100, to: log.bytes.count, by: 8192) {
            vital.subtract(page + 2..<page + 8)
            vital.subtract(page + 20..<page + 24)
        }
        return vital
    }
}
