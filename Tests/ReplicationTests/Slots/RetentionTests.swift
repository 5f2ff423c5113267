import Testing
import WALFormat

@testable import Replication

/// What is kept, for whom, and how long. The numbers with LSNs are what PostgreSQL 15.20 showed in
/// `pg_replication_slots` of a cluster with segments of 1 MB.
struct RetentionTests {
    private let megabyte = 1 << 20

    /// A log that ends in a segment, 100 bytes into it, and has the redo point in another.
    private func retention(
        end: UInt64, redo: UInt64, oldest: UInt64 = 1, keep: Int = 0, limit: Int? = nil,
        disk: Int? = nil, _ restarts: [String: UInt64] = [:]
    ) -> Retention {
        var settings = Retention.Settings(segmentSize: .oneMebibyte)
        settings.keepByteCount = keep * megabyte
        settings.slotKeepByteCount = limit.map { $0 * megabyte }
        settings.diskByteCount = disk.map { $0 * megabyte }
        let size = SegmentSize.oneMebibyte
        return Retention(
            settings: settings,
            log: .init(
                end: size.start(of: end).advanced(by: 100), redo: size.start(of: redo),
                oldestSegment: oldest),
            slots: SlotTable(
                restoring: restarts.map {
                    ReplicationSlot(name: $0, restartLSN: size.start(of: $1).advanced(by: 8))
                }))
    }

    private func decision(_ oldest: UInt64, invalidated: [String] = []) -> Retention.Decision {
        let size = SegmentSize.oneMebibyte
        return Retention.Decision(
            terminated: [], invalidated: invalidated, oldestSegment: oldest,
            oldestLSN: size.start(of: oldest))
    }

    // MARK: Checkpoints

    @Test func `without slots, the segment of the redo point is the oldest kept`() {
        #expect(retention(end: 20, redo: 17).decision == decision(17))
        #expect(retention(end: 20, redo: 20).decision == decision(20))
    }

    @Test func `wal_keep_size reaches further back, to the first segment at most`() {
        #expect(retention(end: 20, redo: 17, keep: 2).decision == decision(17))
        #expect(retention(end: 20, redo: 17, keep: 5).decision == decision(15))
        #expect(retention(end: 20, redo: 17, keep: 19).decision == decision(1))
        #expect(retention(end: 20, redo: 17, keep: 20).decision == decision(1))
        #expect(retention(end: 20, redo: 17, keep: 10_000).decision == decision(1))
    }

    @Test func `the furthest slot counts, and one that keeps nothing does not`() {
        let slots = ["a": UInt64(12), "b": 9, "c": 19]
        #expect(retention(end: 20, redo: 17, slots).decision == decision(9))
        #expect(retention(end: 20, redo: 17, ["a": 20]).decision == decision(17))
    }

    @Test func `a slot past the limit is invalidated, and the others are kept as they are`() {
        let slots = ["a": UInt64(12), "b": 9, "c": 16]
        #expect(
            retention(end: 20, redo: 17, limit: 8, slots).decision
                == decision(12, invalidated: ["b"]))
        #expect(
            retention(end: 20, redo: 17, limit: 5, slots).decision
                == decision(16, invalidated: ["a", "b"]))
        #expect(
            retention(end: 20, redo: 17, limit: 0, slots).decision
                == decision(17, invalidated: ["a", "b", "c"]))
        #expect(retention(end: 20, redo: 17, limit: 11, slots).decision == decision(9))
    }

    @Test func `what a crash would need is kept for a slot beyond its limit, too`() {
        #expect(retention(end: 20, redo: 9, limit: 2, ["a": 9]).decision == decision(9))
        #expect(retention(end: 20, redo: 17, keep: 11, limit: 2, ["a": 9]).decision == decision(9))
    }

    @Test func `the user of an overdue slot is to be cut off`() {
        var slots = SlotTable(
            restoring: [ReplicationSlot(name: "a", restartLSN: LSN(0x90_0000))])
        _ = slots.perform(.acquire(name: "a"), by: 42, redo: .invalid)
        var settings = Retention.Settings(segmentSize: .oneMebibyte)
        settings.slotKeepByteCount = 4 * megabyte
        let log = Retention.Log(
            end: LSN(0x140_0000), redo: LSN(0x130_0000), oldestSegment: 9)
        let retention = Retention(settings: settings, log: log, slots: slots)
        #expect(retention.decision.terminated == [42])
        #expect(retention.decision.invalidated == ["a"])
    }

    // MARK: States

    private func status(
        restart: UInt64, end: UInt64, oldest: UInt64 = 1, limit: Int?, keep: Int = 0,
        owner: Int32? = nil
    ) -> (WALStatus?, Int?) {
        var settings = Retention.Settings(segmentSize: .oneMebibyte)
        settings.maximumByteCount = 6 * megabyte
        settings.slotKeepByteCount = limit.map { $0 * megabyte }
        settings.keepByteCount = keep * megabyte
        var slots = SlotTable(
            restoring: [ReplicationSlot(name: "s", restartLSN: LSN(restart))])
        if let owner { _ = slots.perform(.acquire(name: "s"), by: owner, redo: .invalid) }
        let retention = Retention(
            settings: settings,
            log: .init(end: LSN(end), redo: LSN(end), oldestSegment: oldest), slots: slots)
        let slot = slots["s"] ?? ReplicationSlot(name: "s")
        return (retention.status(of: slot), retention.safeByteCount(of: slot))
    }

    @Test(
        arguments: [
            (0xC0_56F8, .reserved, 5_220_616), (0xEC_5B40, .reserved, 2_335_936),
            (0x109_B120, .reserved, 413_408), (0x111_0530, .unreserved, -66_864),
            (0x118_5918, .unreserved, -547_096),
        ] as [(UInt64, WALStatus, Int)])
    func `max_slot_wal_keep_size of 4 MB`(_ end: UInt64, _ expected: WALStatus, _ safe: Int) {
        #expect(status(restart: 0xC0_5610, end: end, limit: 4) == (expected, safe))
    }

    @Test(
        arguments: [
            (0x135_C278, .reserved), (0x18D_C1E0, .reserved), (0x19C_6BC0, .extended),
            (0x1AB_1390, .extended),
        ] as [(UInt64, WALStatus)])
    func `no limit, and max_wal_size of 6 MB`(_ end: UInt64, _ expected: WALStatus) {
        #expect(status(restart: 0x118_5918, end: end, limit: nil) == (expected, nil))
    }

    @Test func `wal_keep_size helps a slot beyond its limit`() {
        #expect(
            status(restart: 0x118_5918, end: 0x1AB_13C8, limit: 2, keep: 3)
                == (.unreserved, -5_968_840))
        #expect(
            status(restart: 0x118_5918, end: 0x1AB_13C8, limit: 2, keep: 9)
                == (.extended, 322_616))
    }

    @Test func `a slot whose segment is gone is lost, unless somebody streams from it`() {
        #expect(
            status(restart: 0xC0_5610, end: 0x118_5918, oldest: 13, limit: 4) == (.lost, nil))
        #expect(
            status(restart: 0xC0_5610, end: 0x118_5918, oldest: 13, limit: 4, owner: 3)
                == (.unreserved, -547_096))
    }

    @Test func `an invalidated slot is lost, and one that never kept anything has no state`() {
        let retention = retention(end: 20, redo: 17, limit: 4)
        let lost = ReplicationSlot(name: "s", invalidatedAt: LSN(0xC0_5610))
        #expect(retention.status(of: lost) == .lost)
        #expect(retention.safeByteCount(of: lost) == nil)
        let fresh = ReplicationSlot(name: "s")
        #expect(retention.status(of: fresh) == nil)
        #expect(retention.safeByteCount(of: fresh) == nil)
    }

    // MARK: Forecast

    @Test func `whoever reaches furthest back pins the oldest byte`() {
        #expect(retention(end: 20, redo: 17, ["a": 12, "b": 14]).forecast.holder == .slot("a"))
        #expect(retention(end: 20, redo: 17, keep: 9, ["a": 12]).forecast.holder == .keepSize)
        #expect(retention(end: 20, redo: 11, keep: 8, ["a": 12]).forecast.holder == .checkpoint)
        // Of two who need the same segment, the one nobody can help.
        #expect(retention(end: 20, redo: 12, keep: 8, ["a": 12]).forecast.holder == .checkpoint)
        #expect(retention(end: 20, redo: 17, keep: 8, ["a": 12]).forecast.holder == .keepSize)
    }

    @Test func `the pinned bytes are counted from the segment's start, a slot's from its own`() {
        let forecast = retention(end: 20, redo: 17, limit: 10, ["a": 12, "b": 14]).forecast
        #expect(forecast.oldest == LSN(UInt64(12 * megabyte)))
        #expect(forecast.pinnedByteCount == 8 * megabyte + 100)
        #expect(forecast.slots.map(\.slot.name) == ["a", "b"])
        #expect(forecast.slots.map(\.heldByteCount) == [8, 6].map { $0 * megabyte + 92 })
        #expect(forecast.slots.map(\.safeByteCount) == [3, 5].map { $0 * megabyte - 100 })
        #expect(forecast.slots.map(\.status) == [.reserved, .reserved])
        #expect(forecast.diskByteCountLeft == nil)
    }

    @Test func `the disk is full when the segments from the pinned one on do not fit`() {
        #expect(
            retention(end: 20, redo: 17, disk: 10, ["a": 12]).forecast.diskByteCountLeft
                == 2 * megabyte - 100)
        #expect(retention(end: 20, redo: 17, disk: 8, ["a": 12]).forecast.diskByteCountLeft == 0)
        #expect(
            retention(end: 20, redo: 17, disk: 10).forecast.diskByteCountLeft
                == 7 * megabyte - 100)
    }

    @Test func `a limit saves the disk: the slot is forecast to be lost first`() {
        let forecast = retention(end: 20, redo: 17, limit: 4, disk: 10, ["a": 12]).forecast
        #expect(forecast.holder == .slot("a"))
        #expect(forecast.oldest == LSN(UInt64(16 * megabyte)))
        #expect(forecast.slots.first?.status == .unreserved)
        #expect(forecast.slots.first?.safeByteCount == -3 * megabyte - 100)
        #expect(forecast.diskByteCountLeft == 6 * megabyte - 100)
    }

    @Test func `numbers at the ends of their range do no harm`() {
        var settings = Retention.Settings(segmentSize: .oneMebibyte)
        for (count, limit) in [(Int.max, Int.max), (.min, .min), (0, 0)] {
            settings.keepByteCount = count
            settings.slotKeepByteCount = limit
            settings.maximumByteCount = limit
            settings.diskByteCount = limit
            for position: UInt64 in [0, 1, .max] {
                let slots = SlotTable(
                    restoring: [ReplicationSlot(name: "s", restartLSN: LSN(position))])
                let log = Retention.Log(
                    end: LSN(position), redo: LSN(position), oldestSegment: 1 << 44)
                let retention = Retention(settings: settings, log: log, slots: slots)
                _ = (retention.decision, retention.forecast)
            }
        }
    }
}
