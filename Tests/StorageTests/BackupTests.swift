import Testing
import WALFormat

@testable import Storage

/// Directories that are base backups: filled, marked, recovered from their labels.
struct BackupTests {
    /// A primary with rows before a checkpoint and behind it, and its files as a backup that began
    /// at the checkpoint copies them: with control data that are younger.
    private struct Source {
        var node: TestNode
        let start: ControlData
        private(set) var files: [(path: String, bytes: [UInt8])] = []

        init(endsBackup: Bool = true) throws {
            node = try TestNode(try TestNode.fresh())
            try node.set("a", "1")
            try node.checkpoint()
            start = node.directory.control
            try node.set("b", "2")
            if endsBackup {
                node.database.endBackup(from: start.redo)
                try node.flush()
            }
            try node.set("c", "3")
            try node.checkpoint()
            for case let entry in try entries() where !DataDirectory.isPrivate(entry.path) {
                guard entry.byteCount != nil else { continue }
                files.append((entry.path, try node.fileSystem.contents(of: entry.path)))
            }
        }

        func entries() throws -> [DirectoryEntry] {
            guard case .read(.entries(let entries)) = node.directory.perform(.read(.list("")))
            else { return [] }
            return entries
        }

        var label: String {
            """
            START WAL LOCATION: \(start.redo) (file 000000010000000000000001)
            CHECKPOINT LOCATION: \(start.checkpoint)
            BACKUP METHOD: streamed
            BACKUP FROM: primary
            START TIME: 2026-01-01 03:00:00 GMT
            LABEL: test
            START TIMELINE: 1

            """
        }

        /// All jobs that make a directory of it.
        func jobs(label: String? = nil) throws -> [BackupTarget.Job] {
            let directories = try entries().filter { $0.byteCount == nil }.map(\.path)
            let files = [("backup_label", Array((label ?? self.label).utf8))] + files
            return [.empty] + directories.map { .makeDirectory($0) }
                + files.map { .write(path: $0.0, at: 0, bytes: $0.1) }
                + [.finish(manifest: Array("{}\n".utf8))]
        }
    }

    private func fill(
        _ fileSystem: any FileSystem, _ jobs: [BackupTarget.Job]
    ) -> DiskFailure? {
        let target = BackupTarget(fileSystem, source: "p")
        defer { target.abandon() }
        for job in jobs {
            if let failure = target.perform(job) { return failure }
        }
        return nil
    }

    @Test func `a backup begins redo at its label, whatever its control data say`() throws {
        let source = try Source()
        let disk = MemoryFileSystem()
        #expect(fill(disk, try source.jobs()) == nil)
        #expect(try ControlData(reading: disk).redo > source.start.redo)
        let node = try TestNode(disk)
        #expect(node.directory.isStandby)
        #expect(node.report.redoStart == source.start.redo)
        #expect(node.rows == ["a": "1", "b": "2", "c": "3"])
        #expect(node.directory.control.redo == source.start.redo)
        #expect(node.directory.control.minimumRecovery == node.report.end)
        #expect(try !disk.exists("backup_label"))
        #expect(try disk.exists("backup_label.old"))
        #expect(try disk.exists("backup_manifest"))
    }

    @Test func `it comes back like any standby, and is the same as its source`() throws {
        let source = try Source()
        let disk = MemoryFileSystem()
        #expect(fill(disk, try source.jobs()) == nil)
        do { _ = try TestNode(disk) }
        let again = try TestNode(disk.crash(.nothing, seed: 1))
        #expect(again.rows == ["a": "1", "b": "2", "c": "3"])
        #expect(
            try DirectoryComparison(again.fileSystem, source.node.fileSystem).outcome == .identical)
    }

    @Test func `without the record that ends it, a backup is refused`() throws {
        let source = try Source(endsBackup: false)
        let disk = MemoryFileSystem()
        #expect(fill(disk, try source.jobs()) == nil)
        let end = source.node.database.insertLSN
        #expect(throws: OpenFailure.endsBeforeBackupEnd(at: end)) { try TestNode(disk) }
    }

    @Test func `the end of another backup is not its end`() throws {
        var source = try Source(endsBackup: false)
        source.node.database.endBackup(from: LSN(0x100028))
        try source.node.flush()
        let record = try #require(try WALOnDisk(source.node.fileSystem).records.last?.record)
        #expect(record.endedBackup == LSN(0x100028))
        #expect(record.body == .other)
    }

    @Test(arguments: [
        "", "START WAL LOCATION: 0/100028\n", "START WAL LOCATION: x\nCHECKPOINT LOCATION: y\n",
        "START WAL LOCATION: 0/2 (f)\nCHECKPOINT LOCATION: 0/1\nSTART TIMELINE: 1\n",
        "START WAL LOCATION: 0/1 (f)\nCHECKPOINT LOCATION: 0/1\nSTART TIMELINE: 0\n",
    ])
    func `a label that makes no sense keeps the directory shut`(label: String) throws {
        let disk = MemoryFileSystem()
        #expect(fill(disk, try Source().jobs(label: label)) == nil)
        #expect(
            throws: OpenFailure.damagedFile(path: "backup_label", reason: "not a backup label")
        ) { try DataDirectory.open(disk) }
    }

    @Test func `wherever the power goes, the directory is incomplete or whole`() throws {
        let jobs = try Source().jobs()
        for count in 1...jobs.count {
            let disk = MemoryFileSystem()
            #expect(fill(disk, Array(jobs[..<count])) == nil)
            for survival in [Survival.nothing, .everything] {
                let left = disk.crash(survival, seed: 7)
                let isWhole = count == jobs.count
                if isWhole {
                    #expect(try TestNode(left).rows.count == 3)
                } else {
                    #expect(throws: OpenFailure.incompleteBackup(of: "p")) {
                        try DataDirectory.open(left)
                    }
                    #expect(throws: OpenFailure.incompleteBackup(of: "p")) {
                        try WALOnDisk(left)
                    }
                }
            }
        }
    }

    @Test func `a node's directory is emptied before anything is written to it`() throws {
        let disk = try TestNode.fresh()
        let target = BackupTarget(disk, source: "r1")
        #expect(target.perform(.empty) == nil)
        #expect(try disk.list("") == ["basebackup.incomplete", "shiplog.lock"])
        #expect(throws: OpenFailure.incompleteBackup(of: "r1")) { try DataDirectory.open(disk) }
        #expect(BackupTarget(disk, source: "r1").perform(.empty) != nil, "it is locked")
        #expect(target.perform(.giveUp) == nil)
        #expect(BackupTarget(disk, source: "r1").perform(.empty) == nil)
    }

    @Test func `a piece is what there is of it, and nothing of a file that is not there`() throws {
        let node = try TestNode(try TestNode.fresh())
        func piece(_ path: String, _ from: Int, _ count: Int) -> DiskResult {
            node.directory.perform(.read(.piece(path: path, from: from, byteCount: count)))
        }
        #expect(piece("PG_VERSION", 0, 100) == .read(.piece(Array("15\n".utf8))))
        #expect(piece("PG_VERSION", 1, 1) == .read(.piece(Array("5".utf8))))
        #expect(piece("PG_VERSION", 9, 1) == .read(.piece([])))
        #expect(piece("nothing", 0, 1) == .read(.piece(nil)))
    }
}
