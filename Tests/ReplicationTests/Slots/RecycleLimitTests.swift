import Replication
import Testing
import WALFormat

/// How many old segments are used again; the numbers are those of PostgreSQL's XLOGfileslop.
struct RecycleLimitTests {
    private func limit(
        redo: UInt64, least: Int, most: Int, distances: [Int] = [],
        size: SegmentSize = .oneMebibyte
    ) -> UInt64 {
        var settings = Retention.Settings(segmentSize: size)
        settings.minimumByteCount = least << 20
        settings.maximumByteCount = most << 20
        var distance = CheckpointDistance()
        for bytes in distances { distance.checkpointTaken(from: LSN(0), to: LSN(UInt64(bytes))) }
        let log = Retention.Log(end: LSN(redo), redo: LSN(redo), oldestSegment: 1)
        return Retention(settings: settings, log: log, slots: SlotTable()).recycleLimit(distance)
    }

    @Test(arguments: [
        // The segment of the redo point is the first of five.
        (UInt64(0xA0_0028), 5, 16, [Int](), UInt64(14)),
        (0xA0_0028, 2, 16, [], 11),
        // Ten megabytes from one checkpoint to the next, and a tenth more: 0xA00028 + 11 MB.
        (0xA0_0028, 5, 64, [10 << 20], 22),
        (0xA0_0028, 5, 16, [100 << 20], 25),
        // A smaller distance counts for a tenth: 10 MB, then 9 MB.
        (0xA0_0000, 2, 64, [10 << 20, 0], 20),
        (0x28, 0, 0, [], 0),
        (0xA0_0028, 0, 0, [], 9),
    ])
    func `up to the next checkpoint, between min_wal_size and max_wal_size`(
        redo: UInt64, least: Int, most: Int, distances: [Int], expected: UInt64
    ) {
        #expect(limit(redo: redo, least: least, most: most, distances: distances) == expected)
    }

    /// As a PostgreSQL 15 logged two checkpoints: "distance=2885 kB, estimate=2885 kB" and
    /// "distance=2761 kB, estimate=2873 kB".
    @Test func `the estimate follows a rise at once and a fall slowly`() {
        var distance = CheckpointDistance()
        distance.checkpointTaken(from: LSN(0x10_0000), to: LSN(0x10_0000 + 2885 * 1024))
        #expect(distance.byteCount == 2885 * 1024)
        distance.checkpointTaken(from: LSN(0), to: LSN(2761 * 1024))
        #expect((distance.byteCount / 1024).rounded() == 2873)
    }

    @Test func `whole segments count`() throws {
        let size = try #require(SegmentSize(byteCount: 16 << 20))
        #expect(limit(redo: 0x300_0028, least: 80, most: 1024, size: size) == 7)
        #expect(limit(redo: 0x300_0028, least: 5, most: 16, size: size) == 3)
    }
}
