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

    private static func expectAgreement(_ path: String, _ witness: WALOnDisk) throws {
        let first = try #require(witness.records.first)
        let lines = try dump(path, witness.timeline, from: first.start, to: witness.end)
        #expect(lines.count == witness.records.count)
        for (line, entry) in zip(lines, witness.records) {
            let low = UInt32(truncatingIfNeeded: entry.start.rawValue)
            let digits = String(low, radix: 16, uppercase: true)
            let padded = String(repeating: "0", count: 8 - digits.count) + digits
            let found = line.contains("lsn: \(entry.start.rawValue >> 32)/\(padded)")
            if !found { Issue.record("\(entry.start) is not where this is: \(line)") }
        }
    }

    /// The same for a log in memory, of which a copy is made at `path`.
    static func expectAgreement(
        of files: any FileSystem, _ witness: WALOnDisk, copiedTo path: String
    ) throws {
        let disk = try RealFileSystem(opening: path)
        try disk.makeDirectory("pg_wal")
        for name in try disk.list("pg_wal") { try disk.remove("pg_wal/" + name) }
        for name in try files.list("pg_wal") {
            let bytes = try files.contents(of: "pg_wal/" + name)
            try disk.open("pg_wal/" + name, .create).write(bytes[...], at: 0)
        }
        try expectAgreement(path, witness)
        let first = try #require(witness.records.first)
        let summary = try dump(
            path, witness.timeline, from: first.start, to: witness.end, ["--stats=record"])
        let total = summary.last { $0.hasPrefix("Total") }
        #expect(total?.split(separator: " ").dropFirst().first == "\(witness.records.count)")
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
