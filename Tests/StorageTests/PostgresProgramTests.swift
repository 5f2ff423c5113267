import Foundation
import Storage
import Testing
import WALFormat

/// PostgreSQL's own `pg_waldump` reads what Storage wrote. Skipped where it is not installed,
/// unless SHIPLOG_REQUIRE_POSTGRES=1.
struct PostgresProgramTests {
    private static let program = "/usr/lib/postgresql/15/bin/pg_waldump"

    static var isWanted: Bool {
        ProcessInfo.processInfo.environment["SHIPLOG_REQUIRE_POSTGRES"] == "1"
            || FileManager.default.isExecutableFile(atPath: program)
    }

    /// The lines that `pg_waldump` prints for a stretch of the log.
    private static func dump(
        _ path: String, _ timeline: Timeline, from: LSN, to end: LSN, _ options: [String] = []
    ) throws -> [String] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments =
            ["-p", path + "/pg_wal", "-t", "\(timeline)", "-s", "\(from)", "-e", "\(end)"] + options
        let output = Pipe()
        let errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let complaint = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(complaint.isEmpty, "\(String(decoding: complaint, as: UTF8.self))")
        return String(decoding: text, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Every line is what the lab's own reader makes of the record: its resource manager, its two
    /// lengths, its transaction, its place and its link. The summary counts the same records.
    private static func expectAgreement(_ path: String, _ witness: WALOnDisk) throws {
        let size = witness.segmentSize
        let names = try RealFileSystem(opening: path).list("pg_wal")
        let segments = names.compactMap { SegmentName(fileName: $0, size: size) }
        let timelines = Set(witness.records.map(\.timeline)).sorted()
        var counted: Set<LSN> = []
        for timeline in timelines {
            // A timeline's first file begins with a copy of what its ancestor wrote.
            let numbers = Set(segments.filter { $0.timeline == timeline }.map(\.number))
            let expected = witness.records.filter { entry in
                entry.timeline <= timeline && numbers.contains(size.number(containing: entry.start))
            }
            guard let first = expected.first, let last = expected.last else { continue }
            counted.formUnion(expected.map(\.start))
            let lines = try dump(path, timeline, from: first.start, to: last.end)
            #expect(lines.count == expected.count)
            for (line, entry) in zip(lines, expected) where !line.hasPrefix(entry.dumped) {
                Issue.record("\(entry.dumped)… is not what is dumped: \(line)")
            }
            let options = ["--stats=record"]
            let summary = try dump(path, timeline, from: first.start, to: last.end, options)
            let total = summary.last { $0.hasPrefix("Total") }
            #expect(total?.split(separator: " ").dropFirst().first == "\(expected.count)")
        }
        #expect(counted.count == witness.records.count, "records in no whole segment")
    }

    /// The same for a log in memory, of which a copy is made at `path`. An old timeline's last
    /// segment gets its whole name back: a record may begin before it and end in it.
    static func expectAgreement(
        of files: any FileSystem, _ witness: WALOnDisk, copiedTo path: String
    ) throws {
        let disk = try RealFileSystem(opening: path)
        try disk.makeDirectory("pg_wal")
        for name in try disk.list("pg_wal") { try disk.remove("pg_wal/" + name) }
        for name in try files.list("pg_wal") {
            let bytes = try files.contents(of: "pg_wal/" + name)
            let whole = name.hasSuffix(".partial") ? String(name.dropLast(8)) : name
            try disk.open("pg_wal/" + whole, .create).write(bytes[...], at: 0)
        }
        try expectAgreement(path, witness)
    }

    @Test(.enabled(if: isWanted, "pg_waldump is not installed"))
    func `pg_waldump reads every segment and counts the same records`() throws {
        try RealDiskTests.withDirectory { path in
            let files = try RealFileSystem(opening: path)
            try Initialization.create(
                on: files,
                .init(systemIdentifier: TestNode.systemIdentifier, time: TestNode.start))
            do {
                var node = try TestNode(files)
                let value = String(repeating: "x", count: 6000)
                for number in 1...200 {
                    try node.set("key\(number % 90)", number % 3 == 0 ? value : "short")
                    if number % 50 == 0 { try node.checkpoint() }
                }
                _ = try node.database.switchSegment()
                let xid = node.database.begin()
                #expect(try node.database.delete("key1", xid: xid))
                _ = try node.database.insert(
                    .logicalMessage(transactional: false, prefix: "lab", content: [1, 2]))
                _ = try node.database.abort(xid, at: TestNode.start)
                try node.flush()
            }
            var node = try TestNode(files)
            try node.set("after", "crash")
            try node.stop()
            let witness = try WALOnDisk(files)
            try Self.expectAgreement(path, witness)
            #expect(try files.list("pg_wal").count >= 2)
        }
    }

    @Test(.enabled(if: isWanted, "pg_waldump is not installed"))
    func `pg_waldump reads the checkpoint of a new directory as PostgreSQL's own`() throws {
        try RealDiskTests.withDirectory { path in
            let files = try RealFileSystem(opening: path)
            try Initialization.create(
                on: files,
                .init(systemIdentifier: TestNode.systemIdentifier, time: TestNode.start))
            let lines = try Self.dump(path, .first, from: LSN(0x100028), to: LSN(0x1000A0))
            #expect(lines.count == 1)
            #expect(lines[0].contains("CHECKPOINT_SHUTDOWN redo 0/100028; tli 1; prev tli 1"))
            #expect(lines[0].contains("len (rec/tot):    114/   114"))
        }
    }

    @Test(.enabled(if: isWanted, "pg_waldump is not installed"))
    func `pg_waldump names the transactions that are open at a checkpoint`() throws {
        try RealDiskTests.withDirectory { path in
            let files = try RealFileSystem(opening: path)
            try Initialization.create(
                on: files,
                .init(systemIdentifier: TestNode.systemIdentifier, time: TestNode.start))
            var node = try TestNode(files)
            let open = [node.database.begin(), node.database.begin()]
            let ended = node.database.begin()
            _ = try node.database.abort(ended, at: TestNode.start)
            try node.checkpoint()
            let redo = node.database.redo
            let lines = try Self.dump(path, .first, from: redo, to: node.database.insertLSN)
            #expect(lines.count == 2)
            #expect(
                lines[0].hasSuffix(
                    "RUNNING_XACTS nextXid \(ended.rawValue + 1) "
                        + "latestCompletedXid \(ended.rawValue) "
                        + "oldestRunningXid \(open[0].rawValue); 2 xacts: "
                        + "\(open[0].rawValue) \(open[1].rawValue)"), "\(lines[0])")
            #expect(lines[1].contains("CHECKPOINT_ONLINE redo \(redo);"))
        }
    }

    @Test(.enabled(if: isWanted, "pg_waldump is not installed"))
    func `pg_waldump reads a promoted node's timeline and the commit log's new page`() throws {
        try RealDiskTests.withDirectory { path in
            let source = try TestNode.fresh()
            let files = try RealFileSystem(opening: path)
            try Initialization.cloneCold(from: source, to: files)
            var primary = try TestNode(source)
            try primary.set("a", "1")
            var standby = try TestNode(files)
            try standby.follow(primary)
            let fork = try standby.promote()
            while standby.database.nextXID < TransactionID(32769) { _ = standby.database.begin() }
            try standby.set("b", "2")
            let lines = try Self.dump(path, Timeline(2), from: fork, to: standby.database.insertLSN)
            #expect(lines.first?.contains("END_OF_RECOVERY tli 2; prev tli 1") ?? false)
            #expect(lines.contains { $0.contains("rmgr: CLOG") && $0.contains("ZEROPAGE page 1") })
            #expect(lines.last?.contains("COMMIT") ?? false)
            try Self.expectAgreement(path, try WALOnDisk(files))
        }
    }
}

extension WALOnDisk.Entry {
    /// How `pg_waldump` begins the record's line.
    fileprivate var dumped: String {
        let total = record.encoded().count
        let images = record.blocks.compactMap(\.image).reduce(0) { $0 + $1.bytes.count }
        func padded(_ text: String, _ width: Int) -> String {
            String(repeating: " ", count: max(0, width - text.count)) + text
        }
        func position(_ lsn: LSN) -> String {
            let low = String(lsn.rawValue & 0xFFFF_FFFF, radix: 16, uppercase: true)
            let zeros = String(repeating: "0", count: 8 - low.count)
            return String(lsn.rawValue >> 32, radix: 16, uppercase: true) + "/" + zeros + low
        }
        let manager = ResourceManager.name(for: record.resourceManager)
        return "rmgr: " + manager + String(repeating: " ", count: max(0, 11 - manager.count))
            + " len (rec/tot): " + padded("\(total - images)", 6) + "/" + padded("\(total)", 6)
            + ", tx: " + padded("\(record.xid.rawValue)", 10) + ", lsn: " + position(start)
            + ", prev " + position(record.previous) + ", "
    }
}
