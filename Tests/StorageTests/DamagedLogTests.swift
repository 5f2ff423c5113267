import Testing
import WALFormat

@testable import Storage

/// Cuts and flips every byte of the last three records of a log.
struct DamagedLogTests {
    private static let segment = "pg_wal/000000010000000000000001"

    /// A log of commits, as a crash left it, and what its records are.
    struct Log {
        let fileSystem: MemoryFileSystem
        let records: [WALOnDisk.Entry]
        /// The file that holds its end.
        let segment: String
        /// The rows after each record, by its end.
        var rows: [LSN: [String: String]] = [:]

        /// - Parameter isRecycled: its last segment is a recycled one.
        init(isRecycled: Bool = false) throws {
            fileSystem = try TestNode.fresh()
            var node = try TestNode(fileSystem)
            if isRecycled {
                try node.enterRecycledSegment()
                try node.checkpoint()
            }
            segment = node.currentSegment
            rows[node.database.insertLSN] = node.rows
            for number in 1...4 {
                let xid = node.database.begin()
                try node.database.put("key", "value \(number)", xid: xid)
                rows[node.database.insertLSN] = node.rows
                _ = try node.database.commit(xid, at: TestNode.start)
                try node.flush()
                rows[node.database.insertLSN] = node.rows
            }
            records = try WALOnDisk(fileSystem).records
        }

        var lastThree: ArraySlice<WALOnDisk.Entry> { records.suffix(3) }
        var end: LSN { records[records.count - 1].end }

        func offset(_ position: LSN) -> Int { SegmentSize.oneMebibyte.offset(of: position) }

        /// The end of the last record that lies wholly before a position.
        func lastEnd(before position: LSN) -> LSN {
            records.last { $0.end <= position }?.end ?? .invalid
        }
    }

    /// Recovered at `end`, nothing applied past it, and the log can be continued and read again.
    private func check(_ fileSystem: MemoryFileSystem, recoversTo end: LSN, of log: Log) throws {
        do {
            var node = try TestNode(fileSystem)
            #expect(node.report.end == end)
            #expect(node.rows == log.rows[end])
            #expect(node.database.index == node.database.rebuiltIndex())
            try node.set("after", "the crash")
        }
        let again = try TestNode(fileSystem)
        #expect(again.report.logEnd == .clean)
        #expect(again.rows == log.rows[end]?.merging(["after": "the crash"]) { $1 })
        let witness = try WALOnDisk(fileSystem)
        #expect(witness.end == again.database.insertLSN)
    }

    @Test(arguments: [false, true], [false, true])
    func `a log cut anywhere recovers to its last whole record`(
        truncating: Bool, isRecycled: Bool
    ) throws {
        let log = try Log(isRecycled: isRecycled)
        for record in log.lastThree {
            for position in record.start.rawValue..<record.end.rawValue {
                let copy = log.fileSystem.copy()
                let offset = log.offset(LSN(position))
                var lost = 0
                copy.damage(log.segment) { bytes in
                    lost = bytes[offset..<log.offset(record.end)].count { $0 != 0 }
                    bytes.removeSubrange(offset...)
                    if !truncating {
                        bytes += [UInt8](repeating: 0, count: (1 << 20) - bytes.count)
                    }
                }
                // Where only zeros were cut off, zeros read the same.
                let isWhole = lost == 0 && (!truncating || offset >= recordEnd(record, log))
                let end = isWhole ? record.end : log.lastEnd(before: LSN(position))
                try check(copy, recoversTo: end, of: log)
            }
        }
    }

    /// The offset behind a record's last byte, its padding left out.
    private func recordEnd(_ entry: WALOnDisk.Entry, _ log: Log) -> Int {
        log.offset(entry.start) + entry.record.encoded().count
    }

    @Test(arguments: [UInt8(0xFF), 0x01, 0x80], [false, true])
    func `a flipped byte is corruption when good records follow, else the log's end`(
        mask: UInt8, isRecycled: Bool
    ) throws {
        let log = try Log(isRecycled: isRecycled)
        for record in log.lastThree {
            for position in record.start.rawValue..<record.end.rawValue {
                let copy = log.fileSystem.copy()
                let offset = log.offset(LSN(position))
                copy.damage(log.segment) { $0[offset] ^= mask }
                if offset >= recordEnd(record, log) {
                    try check(copy, recoversTo: log.end, of: log)
                } else if record.end == log.end {
                    try check(copy, recoversTo: log.lastEnd(before: record.start), of: log)
                } else {
                    let failure = #expect(throws: OpenFailure.self) { try TestNode(copy) }
                    guard case .corrupt(let damage) = failure else {
                        Issue.record("offset \(offset): \(String(describing: failure))")
                        continue
                    }
                    #expect(damage.at == log.lastEnd(before: record.start))
                    #expect(damage.nextGoodRecord > record.start)
                    #expect(try WALOnDisk(copy).damage == damage)
                }
            }
        }
    }

    @Test func `a flipped bit in the middle is reported with both checksums`() throws {
        let log = try Log()
        let record = log.records[log.records.count - 3]
        log.fileSystem.damage(Self.segment) { $0[log.offset(record.start) + 30] ^= 4 }
        let failure = #expect(throws: OpenFailure.self) { try TestNode(log.fileSystem) }
        guard case .corrupt(let damage) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(damage.storedCRC != nil && damage.storedCRC != damage.computedCRC)
        #expect(damage.description.contains("checksum"))
    }

    @Test func `a flipped bit in the last record is damage, not a torn tail`() throws {
        let log = try Log()
        let record = log.records[log.records.count - 1]
        log.fileSystem.damage(Self.segment) { $0[log.offset(record.start) + 20] ^= 4 }
        let node = try TestNode(log.fileSystem)
        guard case .damagedLast(let position, let stored, let computed) = node.report.logEnd else {
            Issue.record("\(node.report.logEnd)")
            return
        }
        #expect(position == record.start)
        #expect(stored == computed ^ 4)
    }

    /// One write of three transactions; the sectors of the second never reach the disk, those of
    /// the third do.
    @Test func `sectors missing from the last write end the log, and the rest is wiped`() throws {
        let fileSystem = try TestNode.fresh()
        var node = try TestNode(fileSystem)
        try node.set("kept", "1")
        let end = node.database.insertLSN
        let kept = node.rows
        for (key, size) in [("lost", 3000), ("behind", 20)] {
            let xid = node.database.begin()
            try node.database.put(key, String(repeating: "x", count: size), xid: xid)
            _ = try node.database.commit(xid, at: TestNode.start)
        }
        try node.flush()
        let copy = fileSystem.copy()
        let offset = SegmentSize.oneMebibyte.offset(of: end)
        let sector = (offset / 512 + 2) * 512
        copy.damage(Self.segment) { bytes in
            bytes.replaceSubrange(sector..<sector + 1024, with: repeatElement(0, count: 1024))
        }
        let again = try TestNode(copy)
        #expect(again.report.logEnd == .tornTail(at: end))
        #expect(again.rows == kept)
        let segment = copy.snapshot[Self.segment] ?? []
        let newEnd = SegmentSize.oneMebibyte.offset(of: again.database.insertLSN)
        #expect(segment[newEnd...].isAllZero)
    }

    /// Behind a segment switch all is zero, as behind a torn write; but the next segment was begun
    /// only when this one was durable.
    @Test func `a damaged segment switch is corruption, not a torn tail`() throws {
        let fileSystem = try TestNode.fresh()
        let start: LSN
        do {
            var node = try TestNode(fileSystem)
            try node.set("a", "1")
            start = try node.database.switchSegment().start
            try node.set("b", "2")
        }
        for offset in 0..<24 {
            let copy = fileSystem.copy()
            let place = SegmentSize.oneMebibyte.offset(of: start) + offset
            copy.damage(Self.segment) { $0[place] ^= 0x40 }
            let failure = #expect(throws: OpenFailure.self) { try TestNode(copy) }
            guard case .corrupt(let damage) = failure else {
                Issue.record("byte \(offset): \(String(describing: failure))")
                continue
            }
            #expect(damage.at == start)
        }
    }

    @Test(arguments: ["000000010000000000000002", "00000001FFFFFFFF00000FFF"])
    func `segments behind the log's end are removed`(name: String) throws {
        let log = try Log()
        let stale = "pg_wal/" + name
        log.fileSystem.put(stale, [UInt8](repeating: 0, count: 9))
        _ = try TestNode(log.fileSystem)
        #expect(log.fileSystem.snapshot[stale] == nil)
    }

    @Test func `a segment missing in the middle is not taken for the log's end`() throws {
        let fileSystem = try TestNode.fresh()
        do {
            var node = try TestNode(fileSystem)
            let value = String(repeating: "x", count: 7000)
            for number in 1...400 { try node.set("key\(number)", value) }
        }
        fileSystem.put("pg_wal/000000010000000000000002", nil)
        let failure = #expect(throws: OpenFailure.self) { try TestNode(fileSystem) }
        guard case .missingWAL(_, "000000010000000000000002") = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    @Test func `a log without its checkpoint record has no start`() throws {
        let log = try Log()
        log.fileSystem.damage(Self.segment) { bytes in
            bytes.replaceSubrange(40..<512, with: repeatElement(0, count: 472))
        }
        #expect(throws: OpenFailure.noCheckpoint(at: LSN(0x100028))) {
            try TestNode(log.fileSystem)
        }
    }
}
