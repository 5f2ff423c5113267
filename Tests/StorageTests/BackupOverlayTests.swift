import TableFormat
import Testing
import WALFormat

@testable import Storage

/// A base backup laid over a PostgreSQL's files.
struct BackupOverlayTests {
    private func label(from source: String) -> [UInt8] {
        Array(
            """
            START WAL LOCATION: 0/100028 (file 000000010000000000000001)
            CHECKPOINT LOCATION: 0/100060
            BACKUP METHOD: streamed
            BACKUP FROM: \(source)
            START TIMELINE: 1

            """.utf8)
    }

    /// A backup with one committed transaction, 5, of the lab.
    private func backup(from source: String = "primary") throws -> MemoryFileSystem {
        let files = MemoryFileSystem()
        for path in DirectoryLayout.directories { try files.makeDirectory(path) }
        try files.replace("backup_label", with: label(from: source))
        try files.replace("base/5/16384", with: [UInt8](repeating: 7, count: 8192))
        var log = CommitLog()
        log.set(.committed, of: TransactionID(5))
        try files.replace("pg_xact/0000", with: log.bytes(ofPage: 0))
        try files.replace("pg_wal/000000010000000000000001", with: [1])
        return files
    }

    /// A cluster with two transactions of its own, before the lab's.
    private func cluster() throws -> MemoryFileSystem {
        let files = MemoryFileSystem()
        for path in DirectoryLayout.directories { try files.makeDirectory(path) }
        try files.makeDirectory("pg_wal/archive_status")
        try files.replace("pg_wal/000000010000000000000001", with: [2])
        try files.replace("base/5/16384", with: [])
        try files.replace("base/5/1259", with: [3])
        var log = CommitLog()
        log.set(.committed, of: TransactionID(3))
        log.set(.aborted, of: TransactionID(4))
        try files.replace("pg_xact/0000", with: log.bytes(ofPage: 0))
        return files
    }

    @Test func `the table is the backup's, the catalogs the cluster's, the log nobody's`() throws {
        let copy = try cluster()
        let laid = try BackupOverlay.lay(
            try backup(), over: copy, end: LSN(0x100100), on: .first)
        #expect(try copy.contents(of: "base/5/16384").first == 7)
        #expect(try copy.contents(of: "base/5/1259") == [3])
        #expect(try copy.list("pg_wal") == ["archive_status"])
        #expect(try copy.contents(of: "backup_label") == label(from: "primary"))
        #expect(try copy.exists("standby.signal"))
        #expect(
            Set(laid.paths) == ["backup_label", "base/5/16384", "pg_xact/0000", "standby.signal"])
    }

    @Test func `each side's transactions ended as it says, and the lab's alone are counted`() throws
    {
        let copy = try cluster()
        let laid = try BackupOverlay.lay(
            try backup(), over: copy, end: LSN(0x100100), on: .first)
        let log = try TableFiles.commitLog(copy)
        let status = (3...6).map { log.status(of: TransactionID($0)) }
        #expect(status == [.committed, .aborted, .committed, .inProgress])
        var tally = laid.commits
        #expect(tally.count == 1)
        for xid: UInt32 in [5, 6, 6] { tally.committed(TransactionID(xid)) }
        #expect(tally.count == 2)
    }

    @Test func `a standby's backup says in pg_control where it is consistent`() throws {
        let copy = try cluster()
        var control = [UInt8](repeating: 1, count: 8192)
        control.store(littleEndian: CRC32C.checksum(of: Array(control[..<288])), at: 288)
        try copy.replace("global/pg_control", with: control)
        _ = try BackupOverlay.lay(
            try backup(from: "standby"), over: copy, end: LSN(0x100100), on: .first)
        let changed = try copy.contents(of: "global/pg_control")
        #expect(changed.load(littleEndian: UInt32.self, at: 16) == 5)
        #expect(changed.load(littleEndian: UInt64.self, at: 136) == 0x100100)
        #expect(changed.load(littleEndian: UInt32.self, at: 144) == 1)
        #expect(
            changed.load(littleEndian: UInt32.self, at: 288)
                == CRC32C.checksum(of: Array(changed[..<288])))
        #expect(zip(control, changed).filter { $0 != $1 }.count <= 20)
    }

    @Test func `a pg_control of another layout is refused`() throws {
        for content in [[UInt8](), [UInt8](repeating: 1, count: 8192)] {
            let copy = try cluster()
            try copy.replace("global/pg_control", with: content)
            #expect(throws: OpenFailure.self) {
                try BackupOverlay.lay(
                    try self.backup(from: "standby"), over: copy, end: LSN(0x100100), on: .first)
            }
        }
    }

    @Test func `a directory without a label is no backup`() throws {
        let files = try backup()
        try files.remove("backup_label")
        #expect(throws: OpenFailure.self) {
            try BackupOverlay.lay(files, over: try cluster(), end: LSN(0x100100), on: .first)
        }
    }
}
