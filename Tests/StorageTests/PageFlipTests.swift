import Glibc
import TableFormat
import Testing
import WALFormat

@testable import Storage

/// Flips each bit of a page of log, and of a page of the table.
///
/// The reader that decides what is replayed meets each of the log's bits. Recovery, which also
/// looks at what lies behind the damage, takes one in sixteen; with SHIPLOG_EXHAUSTIVE=1 all.
struct PageFlipTests {
    private static let segment = "pg_wal/000000010000000000000001"
    private static var step: Int { getenv("SHIPLOG_EXHAUSTIVE") == nil ? 16 : 1 }

    /// A log that begins on the second page of its segment, and its records.
    private struct Log {
        let disk = MemoryFileSystem()
        let control: ControlData
        var records: [LogScan.Entry] = []
        /// The log from the first byte of its segment.
        var bytes: [UInt8] = []

        init() throws {
            try Initialization.create(
                on: disk,
                .init(systemIdentifier: TestNode.systemIdentifier, time: TestNode.start))
            do {
                var node = try TestNode(disk)
                while node.database.insertLSN < LSN(0x101E00) {
                    _ = try node.database.insert(
                        .logicalMessage(transactional: false, prefix: "fill", content: [1]))
                }
                try node.checkpoint()
                for number in 0..<24 {
                    try node.set("key\(number)", String(repeating: "x", count: 400))
                }
            }
            control = try ControlData(reading: disk)
            records = try read().records
            bytes = try disk.contents(of: PageFlipTests.segment)
        }

        /// The records that are read from `first` on when one bit is flipped.
        func records(from first: LogScan.Entry, flipping bit: Int) -> [LogScan.Entry] {
            let base = SegmentSize.oneMebibyte.start(of: 1)
            let end = records[records.count - 1].end
            var piece = Array(bytes[(first.start - base)..<(end - base)])
            piece[bit / 8 - (first.start - base)] ^= 1 << UInt8(bit % 8)
            var reader = WALReader(
                at: first.start, previous: first.record.previous, segmentSize: .oneMebibyte,
                systemIdentifier: TestNode.systemIdentifier)
            reader.feed(piece)
            var found: [LogScan.Entry] = []
            while case .record(let record, let start, let end) = reader.next() {
                found.append(LogScan.Entry(record: record, start: start, end: end))
            }
            return found
        }

        /// What recovery reads: the records from the redo point, and whether it found damage.
        func read() throws -> (records: [LogScan.Entry], damage: WALDamage?) {
            var scan = LogScan(
                WALDirectory(fileSystem: disk, segmentSize: .oneMebibyte),
                Lineage(of: .first, TimelineHistory()), from: control.redo,
                systemIdentifier: control.systemIdentifier)
            var records: [LogScan.Entry] = []
            do {
                while let entry = try scan.next() { records.append(entry) }
                return (records, nil)
            } catch OpenFailure.corrupt(let damage) {
                return (records, damage)
            }
        }
    }

    private static let pageBits = 8192 * 8

    /// The bits of a quarter of the log's second page, from the start of the segment.
    private static func bits(ofQuarter quarter: Int) -> Range<Int> {
        let first = pageBits + quarter * pageBits / 4
        return first..<first + pageBits / 4
    }

    @Test(arguments: 0..<4)
    func `with any bit of a page of log flipped no record is read but those written`(
        quarter: Int
    ) throws {
        let log = try Log()
        #expect(log.records.first.map { $0.start < LSN(0x102000) } ?? false)
        #expect(log.records.last.map { $0.end > LSN(0x104000) } ?? false)
        var noticed = 0
        for bit in Self.bits(ofQuarter: quarter) {
            let place = SegmentSize.oneMebibyte.start(of: 1).advanced(by: bit / 8)
            // Reading does not depend on what follows, so the records before are not touched.
            let touched = try #require(log.records.lastIndex { $0.start <= place })
            let expected = log.records[touched...]
            let found = log.records(from: expected[touched], flipping: bit)
            // A timeline that is wrong in a page's header shows when the next page has a lower one.
            let isHeader = place.rawValue % 8192 < 24
            guard zip(found, expected).allSatisfy(==),
                found.count == expected.count || isHeader || found.allSatisfy({ $0.end <= place })
            else {
                Issue.record("bit \(bit): read \(found.count) records of \(expected.count)")
                return
            }
            if found.count < expected.count { noticed += 1 }
        }
        // The rest is padding, and what page headers have of it.
        #expect(noticed > Self.pageBits / 4 * 97 / 100)
    }

    @Test(arguments: 0..<4)
    func `a flipped bit is corruption or does no harm, and recovery reads nothing behind it`(
        quarter: Int
    ) throws {
        let log = try Log()
        let bits = Self.bits(ofQuarter: quarter)
        var noticed = 0
        for bit in stride(from: bits.lowerBound, to: bits.upperBound, by: Self.step) {
            let place = bit + bit / Self.step % Self.step
            log.disk.damage(Self.segment) { $0[place / 8] ^= 1 << UInt8(place % 8) }
            let found = try log.read()
            log.disk.damage(Self.segment) { $0[place / 8] ^= 1 << UInt8(place % 8) }
            let isPrefix = zip(found.records, log.records).allSatisfy(==)
            guard isPrefix, found.damage != nil || found.records.count == log.records.count else {
                Issue.record("bit \(place): read \(found.records.count) records and no damage")
                return
            }
            if let damage = found.damage {
                noticed += 1
                #expect(damage.at == (found.records.last?.end ?? log.control.redo))
                #expect(damage.nextGoodRecord > damage.at)
            }
        }
        #expect(noticed > bits.count / Self.step * 9 / 10)
    }
}

/// A page of the table with flipped bits.
struct TablePageFlipTests {
    private static let file = "base/5/16384"
    private static let pageBits = 8192 * 8

    /// A disk with a full page and a second one begun, written by a checkpoint; and the rows.
    private func disk(
        changing key: String?
    ) throws -> (disk: MemoryFileSystem, rows: [String: String]) {
        let disk = try TestNode.fresh()
        var node = try TestNode(disk)
        for number in 1...150 { try node.set("key\(number)", "some value or other") }
        try node.checkpoint()
        #expect(node.database.pages.count == 2)
        if let key { try node.set(key, "new") } else { try node.stop() }
        return (disk, node.rows)
    }

    /// PostgreSQL's checksum of a page has 16 bits, folded from 32: of 65,536 flips about one
    /// leaves it as it was.
    @Test(arguments: 0..<4)
    func `a flipped bit of a page of the table is noticed, but for one in 65,536`(
        quarter: Int
    ) throws {
        var unnoticed = 0
        var page = Array(try disk(changing: nil).disk.contents(of: Self.file).prefix(8192))
        _ = try HeapPage(sealed: page, block: 0)
        for bit in quarter * Self.pageBits / 4..<(quarter + 1) * Self.pageBits / 4 {
            page[bit / 8] ^= 1 << UInt8(bit % 8)
            if (try? HeapPage(sealed: page, block: 0)) != nil { unnoticed += 1 }
            page[bit / 8] ^= 1 << UInt8(bit % 8)
        }
        #expect(unnoticed <= 1)
    }

    @Test func `a page with a flipped bit keeps the node down, unless the log has an image of it`()
        throws
    {
        let stopped = try disk(changing: nil).disk
        let (imaged, rows) = try disk(changing: "key1")
        for bit in stride(from: 0, to: Self.pageBits, by: 257) {
            func damaged(_ disk: MemoryFileSystem) -> MemoryFileSystem {
                let copy = disk.copy()
                copy.damage(Self.file) { $0[bit / 8] ^= 1 << UInt8(bit % 8) }
                return copy
            }
            let failure = #expect(throws: OpenFailure.self) { try TestNode(damaged(stopped)) }
            #expect(failure?.description.contains("page 0 of the table") ?? false, "bit \(bit)")
            let node = try TestNode(damaged(imaged))
            #expect(node.rows == rows, "bit \(bit)")
            #expect(node.report.restoredPages.map(\.block) == [0], "bit \(bit)")
        }
    }
}
