import Glibc
import Testing
import WALFormat

@testable import Storage

/// Faults asked for by command, in front of a disk in memory or a real one.
struct FaultyDiskTests {
    private func set(_ node: inout TestNode, _ key: String, _ value: String) throws -> DiskJob {
        let xid = node.database.begin()
        try node.database.put(key, value, xid: xid)
        _ = try node.database.commit(xid, at: TestNode.start)
        let taken = node.database.takeWAL()
        let wal = try #require(taken)
        return .appendWAL(node.database.timeline, at: wal.at, bytes: wal.bytes)
    }

    private func onBothDisks(_ body: (any FileSystem) throws -> Void) throws {
        try body(MemoryFileSystem())
        try RealDiskTests.withDirectory { try body(try RealFileSystem(opening: $0)) }
    }

    @Test func `a sync that fails stops the node for good, and what was acknowledged stays`() throws
    {
        try onBothDisks { base in
            let disk = FaultyFileSystem(base)
            try Initialization.create(
                on: disk, .init(systemIdentifier: 1, time: TestNode.start))
            do {
                var node = try TestNode(disk)
                try node.set("kept", "1")
                disk.failNextSyncs()
                let failing = try set(&node, "unknown", "2")
                guard case .failed(.io(let failure)) = node.directory.perform(failing) else {
                    Issue.record("the sync did not fail")
                    return
                }
                #expect(failure.code == EIO && failure.isFailedSync)
                #expect(disk.failedSyncCount == 1)
                // The disk would work again; nobody can know what it kept.
                #expect(
                    node.directory.perform(try set(&node, "refused", "3"))
                        == .failed(.refused(after: failure)))
                #expect(node.database.get("kept") == "1")
            }
            let found = (base as? MemoryFileSystem)?.crash(.everything, seed: 0) ?? base
            let again = try TestNode(found)
            #expect(again.rows["kept"] == "1" && again.rows["refused"] == nil)
            // On a disk that knows, what the failed sync gave up is gone, whatever else survives.
            if base is MemoryFileSystem { #expect(again.rows == ["kept": "1"]) }
        }
    }

    @Test func `a full disk refuses what needs room, and goes on when there is room again`() throws
    {
        try onBothDisks { base in
            let disk = FaultyFileSystem(base)
            try Initialization.create(
                on: disk, .init(systemIdentifier: 1, time: TestNode.start))
            var node = try TestNode(disk)
            try node.set("a", "1")
            disk.limitRoom(to: 100_000)
            #expect(disk.room == 100_000)
            // The segment has room of its own.
            try node.set("b", "2")
            _ = try node.database.switchSegment()
            try node.flush()
            let waiting = try set(&node, "c", "3")
            guard case .failed(.io(let failure)) = node.directory.perform(waiting) else {
                Issue.record("there was room for a segment")
                return
            }
            #expect(failure.kind == .noSpace)
            #expect(disk.room == 100_000, "the half segment gave its room back")
            // What comes behind waits with it, for the log must not have a hole.
            let behind = try set(&node, "d", "4")
            #expect(node.directory.perform(behind) == .failed(.refused(after: failure)))
            let plan = node.database.checkpoint(at: TestNode.start)
            #expect(node.directory.perform(.checkpoint(plan)) == .failed(.refused(after: failure)))
            #expect(node.database.get("a") == "1")
            disk.limitRoom(to: nil)
            try node.perform(waiting)
            try node.perform(behind)
            try node.flush()
            try node.perform(.checkpoint(plan))
            try node.stop()
            #expect(node.rows == ["a": "1", "b": "2", "c": "3", "d": "4"])
        }
    }

    /// In a segment that is there a hole would go unnoticed, and recovery would end before it.
    @Test func `behind a write of log that failed nothing is written until it is repeated`() throws
    {
        let disk = try TestNode.fresh()
        var node = try TestNode(disk)
        try node.set("a", "1")
        let failing = try set(&node, "b", "2")
        disk.planFault(.error(EIO), atEdge: disk.edgeCount + 1)
        let failure = IOFailure(.write, "pg_wal/000000010000000000000001", code: EIO)
        #expect(node.directory.perform(failing) == .failed(.io(failure)))
        let behind = try set(&node, "c", "3")
        #expect(node.directory.perform(behind) == .failed(.refused(after: failure)))
        #expect(
            node.directory.perform(behind) == .failed(.refused(after: failure)),
            "refused again, not the second time done")
        try node.perform(failing)
        try node.perform(behind)
        node.database.flushed(upTo: node.database.insertLSN)
        #expect(try TestNode(disk.crash(.nothing, seed: 0)).rows == node.rows)
    }

    @Test func `a checkpoint that found no room leaves its pages to the next one`() throws {
        let base = try TestNode.fresh()
        let disk = FaultyFileSystem(base)
        var node = try TestNode(disk)
        for number in 1...100 { try node.set("key\(number)", "value") }
        let plan = node.database.checkpoint(at: TestNode.start)
        try node.flush()
        disk.limitRoom(to: 5000)
        guard case .failed(.io(let failure)) = node.directory.perform(.checkpoint(plan)) else {
            Issue.record("there was room for a page")
            return
        }
        #expect(failure.kind == .noSpace)
        disk.limitRoom(to: nil)
        // Its pages are not dirty any more for the database; only one other is.
        try node.set("later", String(repeating: "x", count: 8100))
        try node.checkpoint()
        try node.set("last", "row")
        let again = try TestNode(base.crash(.nothing, seed: 0))
        #expect(again.rows == node.rows)
        #expect(again.report.recordsReplayed == 4)
    }

    @Test func `a log written to by nobody since is torn at its last record`() throws {
        for kept in [nil, 0, 1, 10, 39, 1000] {
            let disk = try TestNode.fresh()
            let before: LSN
            do {
                var node = try TestNode(disk)
                try node.set("a", "1")
                let xid = node.database.begin()
                try node.database.put("b", "2", xid: xid)
                before = node.database.insertLSN
                _ = try node.database.commit(xid, at: TestNode.start)
                try node.flush()
            }
            let torn = try #require(try disk.tearLastRecord(keeping: kept))
            #expect(torn.lsn == before)
            #expect(torn.byteCount == 40)
            // The record's last bytes are zero anyway, so one before them goes.
            #expect(torn.keptByteCount == min(kept ?? 20, 32))
            #expect(torn.fileName == "000000010000000000000001")
            let again = try TestNode(disk)
            #expect(again.rows == ["a": "1"])
            #expect(again.report.end == before)
            if (1...20).contains(torn.keptByteCount) {
                #expect(again.report.logEnd == .tornTail(at: before))
            }
        }
    }

    @Test func `a record over two segments is torn in both`() throws {
        let disk = try TestNode.fresh()
        let before: LSN
        do {
            var node = try TestNode(disk)
            try node.set("a", "1")
            while node.database.insertLSN < LSN(0x1FFF00) {
                _ = try node.database.insert(
                    .logicalMessage(transactional: false, prefix: "fill", content: [1]))
            }
            before = node.database.insertLSN
            _ = try node.database.insert(
                .logicalMessage(
                    transactional: false, prefix: "long",
                    content: [UInt8](repeating: 7, count: 3000)))
            try node.flush()
        }
        let torn = try #require(try disk.tearLastRecord(keeping: 100))
        #expect(torn.lsn == before && torn.byteCount > 3000)
        #expect(try TestNode(disk).report.end == before)
    }

    @Test func `damage is where it was asked for, however long a segment is`() throws {
        for size in [1, 2, 16].compactMap({ SegmentSize(byteCount: $0 << 20) }) {
            let disk = try TestNode.fresh(size)
            var last = LSN.invalid
            do {
                var node = try TestNode(disk)
                _ = try node.database.switchSegment()
                last = try node.set("a", "1").start
            }
            let name = SegmentName(timeline: .first, number: 2).fileName(size)
            let offset = last - size.start(of: 2)
            #expect(offset > 0 && offset < 8192)
            let place = try #require(try disk.placeInLog(of: last.advanced(by: 8)))
            #expect(place.file == "pg_wal/" + name && place.offset == offset + 8)
            let torn = try #require(try disk.tearLastRecord(keeping: 16))
            #expect(torn.fileName == name && torn.fileOffset == offset + 16)
            #expect(try disk.placeInLog(of: last.advanced(by: 100)) == nil)
        }
    }

    @Test func `a flipped bit is where it was asked for`() throws {
        try onBothDisks { disk in
            try disk.replace("a", with: [0, 0b0000_0100, 0])
            let flipped = try disk.flipBit(of: "a", at: 1, bit: 3)
            #expect(flipped == (0b100, 0b1100))
            #expect(try disk.contents(of: "a") == [0, 0b1100, 0])
            #expect(throws: IOFailure(.read, "a", code: ENOENT)) {
                try disk.flipBit(of: "a", at: 3, bit: 0)
            }
        }
    }
}
