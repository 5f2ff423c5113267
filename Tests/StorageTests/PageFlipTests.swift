import Glibc
import Testing
import WALFormat

@testable import Storage

/// Flips bits of a whole page of log. A run takes one bit in sixteen, the next ones with
/// SHIPLOG_EXHAUSTIVE=1 all of them.
struct PageFlipTests {
    private static let segment = "pg_wal/000000010000000000000001"
    private static var step: Int { getenv("SHIPLOG_EXHAUSTIVE") == nil ? 16 : 1 }

    /// A log that begins on the second page of its segment, and its records.
    private struct Log {
        let disk = MemoryFileSystem()
        let control: ControlData
        var records: [LogScan.Entry] = []

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

    @Test(arguments: 0..<4)
    func `a flipped bit is noticed or does no harm, and nothing behind it is read`(
        quarter: Int
    ) throws {
        let log = try Log()
        let pageBits = 8192 * 8
        #expect(log.records.last.map { $0.end > LSN(0x104000) } ?? false)
        let first = pageBits + quarter * pageBits / 4
        var noticed = 0
        for bit in stride(from: first, to: first + pageBits / 4, by: Self.step) {
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
        #expect(noticed > pageBits / 4 / Self.step * 9 / 10)
    }
}
