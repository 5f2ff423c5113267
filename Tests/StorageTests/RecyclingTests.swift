import Glibc
import Testing
import WALFormat

@testable import Storage

/// Segments that are used again.
struct RecyclingTests {
    private func name(_ number: UInt64, _ timeline: Timeline = .first) -> String {
        SegmentName(timeline: timeline, number: number).fileName(.oneMebibyte)
    }

    /// A node whose log has come to segment `count + 1`, at a checkpoint.
    private func node(after count: UInt64) throws -> (MemoryFileSystem, TestNode) {
        let fileSystem = try TestNode.fresh()
        var node = try TestNode(fileSystem)
        for number in 1...count {
            try node.set("key", "value \(number)")
            _ = try node.database.switchSegment()
            try node.flush()
        }
        try node.checkpoint()
        return (fileSystem, node)
    }

    @Test func `a segment nobody needs becomes the next that the log will need`() throws {
        let (fileSystem, node) = try node(after: 3)
        let before = fileSystem.snapshot
        let job = DiskJob.removeWAL(before: node.database.insertLSN, recyclingUpTo: 6)
        #expect(
            node.directory.perform(job)
                == .segmentsRemoved((1...3).map { name($0) }, recycledAs: [name(5), name(6)]))
        #expect(fileSystem.segmentNames == (4...6).map { name($0) })
        // Not a byte of them was touched.
        #expect(fileSystem.snapshot["pg_wal/" + name(5)] == before["pg_wal/" + name(1)])
        #expect(fileSystem.snapshot["pg_wal/" + name(6)] == before["pg_wal/" + name(2)])
        #expect(
            node.directory.perform(.findOldestWAL) == .oldestWAL(LSN(0x400000), newest: 6))
        #expect(fileSystem.crash(.nothing, seed: 1).segmentNames == (4...6).map { name($0) })
    }

    @Test func `a name that is taken is passed over, and a file cut short is no segment`() throws {
        let (fileSystem, node) = try node(after: 4)
        try node.perform(.prepareWAL(.first, at: LSN(0x600000)))
        fileSystem.damage("pg_wal/" + name(1)) { $0.removeLast() }
        #expect(try node.recycle(upTo: 3) == [name(7), name(8)])
        #expect(fileSystem.segmentNames == (5...8).map { name($0) })
    }

    @Test func `without a limit all are removed`() throws {
        let (fileSystem, node) = try node(after: 3)
        #expect(
            node.directory.perform(.removeWAL(before: node.database.insertLSN))
                == .segmentsRemoved((1...3).map { name($0) }))
        #expect(fileSystem.segmentNames == [name(4)])
    }

    @Test func `the log in recycled segments has the bytes it has in new ones`() throws {
        func log(recycling: Bool) throws -> (bytes: [UInt8], stalePageCount: Int) {
            let fileSystem = try TestNode.fresh()
            var node = try TestNode(fileSystem)
            for _ in 0..<6 {
                try node.fillSegment()
                try node.checkpoint()
                _ = try node.database.switchSegment()
                try node.flush()
                try node.checkpoint()
                try node.recycle(upTo: recycling ? 2 : 0)
            }
            try node.set("last", "one")
            let end = node.database.insertLSN
            let start = LSN((end.rawValue >> 20) << 20)
            let answer = node.directory.perform(.readWAL(.first, from: start, upTo: end))
            guard case .wal(_, let bytes) = answer else { throw Unexpected.result(answer) }
            return (bytes, fileSystem.stalePageCount(node.currentSegment))
        }
        let recycled = try log(recycling: true)
        let new = try log(recycling: false)
        #expect(recycled.bytes == new.bytes)
        #expect(recycled.stalePageCount > 0 && new.stalePageCount == 0)
    }

    @Test func `what lies in a zone is zero before log is written to it`() throws {
        let fileSystem = try TestNode.fresh()
        var node = try TestNode(fileSystem)
        try node.enterRecycledSegment()
        #expect(fileSystem.stalePageCount("pg_wal/" + name(5)) > 16)
        _ = try node.database.switchSegment()
        try node.flush()
        let zone = WALWriter.zoneByteCount
        for number in 0..<40 {
            try node.set("key\(number % 3)", String(repeating: "new", count: 1500))
            let used = SegmentSize.oneMebibyte.offset(of: node.database.insertLSN)
            let bytes = fileSystem.snapshot[node.currentSegment] ?? []
            #expect(bytes[used..<(used + zone - 1) / zone * zone].isAllZero)
        }
        #expect(fileSystem.stalePageCount(node.currentSegment) > 0)
    }

    @Test func `a log that ends where old bytes begin has ended cleanly`() throws {
        let fileSystem = try TestNode.fresh()
        var node = try TestNode(fileSystem)
        try node.enterRecycledSegment { node in
            for _ in 0..<3 { try node.fillSegment() }
        }
        #expect(fileSystem.stalePageCount(node.currentSegment) > 0)
        try node.set("a", "1")
        let offset = SegmentSize.oneMebibyte.offset(of: node.database.insertLSN)
        // As PostgreSQL leaves it: the page is zero behind the record, and the next one is old.
        let page = (offset / 8192 + 1) * 8192
        let stale = fileSystem.snapshot["pg_wal/" + name(5)] ?? []
        fileSystem.damage(node.currentSegment) {
            $0.replaceSubrange(page..., with: stale[page...])
        }
        let copy = fileSystem.copy()
        let again = try TestNode(copy)
        #expect(again.report.logEnd == .clean)
        #expect(again.rows == node.rows)
    }

    /// The log's last segment as it would have been three segments earlier: the same records in the
    /// same places, and some more.
    private func earlierUse(of log: DamagedLogTests.Log) throws -> [UInt8] {
        let size = SegmentSize.oneMebibyte
        let number = size.number(containing: log.end)
        var inserter = WALInserter(
            systemIdentifier: TestNode.systemIdentifier, timeline: .first, segmentSize: size,
            at: size.start(of: number - 3), previous: LSN(0x28))
        for entry in log.records where entry.start >= size.start(of: number) {
            let placed = inserter.insert(entry.record)
            #expect(placed.start == entry.start.advanced(by: -3 << 20))
        }
        for _ in 0..<5000 { inserter.insert(WALRecord(body: .noop)) }
        let bytes = try #require(inserter.takePending()?.bytes)
        return bytes + [UInt8](repeating: 0, count: size.byteCount - bytes.count)
    }

    /// The earlier use of the segment told the same story, so its records begin where the new ones
    /// do, and each of them is whole.
    @Test func `whole old records behind any cut are never replayed`() throws {
        let log = try DamagedLogTests.Log(isRecycled: true)
        let old = try earlierUse(of: log)
        var wholeOldRecords = 0
        for record in log.lastThree {
            let start = log.offset(record.start)
            let length = record.record.encoded().count
            if (try? WALRecord(decoding: Array(old[start..<start + length]))) != nil {
                wholeOldRecords += 1
            }
            for position in record.start.rawValue..<record.end.rawValue {
                let copy = log.fileSystem.copy()
                let offset = log.offset(LSN(position))
                var lost = 0
                copy.damage(log.segment) { bytes in
                    lost = zip(bytes[offset..<log.offset(record.end)], old[offset...])
                        .count { $0 != $1 }
                    bytes.replaceSubrange(offset..., with: old[offset...])
                }
                let end = lost == 0 ? record.end : log.lastEnd(before: LSN(position))
                let witness = try WALOnDisk(copy)
                #expect(witness.end == end, "cut at \(position)")
                let node = try TestNode(copy)
                #expect(node.report.end == end && node.rows == log.rows[end])
            }
        }
        #expect(wholeOldRecords == 3)
    }

    @Test func `recovery keeps what lies ahead unused, and removes what was written`() throws {
        let fileSystem = try TestNode.fresh()
        do {
            var node = try TestNode(fileSystem)
            try node.enterRecycledSegment()
            try node.set("a", "1")
        }
        #expect(fileSystem.segmentNames == (3...5).map { name($0) })
        let used = fileSystem.copy()
        _ = try TestNode(fileSystem)
        #expect(fileSystem.segmentNames.contains(name(5)))
        #expect(fileSystem.stalePageCount("pg_wal/" + name(5)) > 0)
        // One page of it bears its own address: somebody has written there.
        used.damage("pg_wal/" + name(5)) { bytes in
            bytes[8192 + 8..<8192 + 16] = [0, 0x20, 0x50, 0, 0, 0, 0, 0]
        }
        _ = try TestNode(used)
        #expect(!used.segmentNames.contains(name(5)))
    }

    @Test func `what a timeline had ahead goes when the next one begins`() throws {
        let source = try TestNode.fresh()
        do {
            var node = try TestNode(source)
            try node.enterRecycledSegment()
            try node.set("a", "1")
            try node.stop()
        }
        let disk = try TestNode.clone(of: source)
        for number in [UInt64(5), 6] {
            disk.put("pg_wal/" + name(number), source.snapshot["pg_wal/" + name(4)])
        }
        var standby = try TestNode(disk)
        try standby.promote()
        try standby.set("b", "2")
        #expect(disk.segmentNames.filter { $0 > name(4) } == [name(4, Timeline(2))])
        #expect(try TestNode(disk.crash(.nothing, seed: 0)).rows == standby.rows)
    }
}

/// A disk that fails while segments are recycled.
struct RecyclingFaultTests {
    private func story() throws -> (MemoryFileSystem, TestNode) {
        let fileSystem = try TestNode.fresh()
        var node = try TestNode(fileSystem)
        for number in 1...3 {
            try node.set("key\(number)", "value")
            _ = try node.database.switchSegment()
            try node.flush()
        }
        try node.checkpoint()
        return (fileSystem, node)
    }

    @Test func `without room for a new name the file is removed instead`() throws {
        let (fileSystem, node) = try story()
        fileSystem.intercept { operation, _ in operation == .rename ? ENOSPC : nil }
        #expect(try node.recycle(upTo: 3) == [])
        fileSystem.intercept(nil)
        #expect(fileSystem.segmentNames.count == 1)
        #expect(try TestNode(fileSystem.crash(.nothing, seed: 0)).rows == node.rows)
    }

    @Test func `a rename that fails is told, and the log goes on`() throws {
        var (fileSystem, node) = try story()
        fileSystem.intercept { operation, path in
            operation == .rename && path.hasSuffix("2") ? EIO : nil
        }
        let job = DiskJob.removeWAL(before: node.database.insertLSN, recyclingUpTo: 7)
        guard case .failed(.io(let failure)) = node.directory.perform(job) else {
            Issue.record("the failed rename went unnoticed")
            return
        }
        #expect(failure.operation == .rename && node.directory.refusal == nil)
        fileSystem.intercept(nil)
        // The one that had got its name has it for good.
        _ = try node.database.switchSegment()
        try node.set("in it", "yes")
        #expect(try TestNode(fileSystem.crash(.nothing, seed: 0)).rows == node.rows)
    }

    @Test func `a new name that is not durable stops the node`() throws {
        let (fileSystem, node) = try story()
        fileSystem.intercept { operation, _ in operation == .syncDirectory ? EIO : nil }
        let job = DiskJob.removeWAL(before: node.database.insertLSN, recyclingUpTo: 7)
        guard case .failed(.io(let failure)) = node.directory.perform(job) else {
            Issue.record("the failed sync went unnoticed")
            return
        }
        #expect(node.directory.refusal == failure)
        fileSystem.intercept(nil)
        for survival in Survival.allCases {
            let again = try TestNode(fileSystem.crash(survival, seed: 7))
            #expect(again.rows == node.rows)
        }
    }
}
