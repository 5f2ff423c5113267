import Glibc
import Testing
import WALFormat

@testable import Storage

struct DirectoryTests {
    private func open(_ fileSystem: any FileSystem) throws -> DataDirectory {
        try DataDirectory.open(fileSystem)
    }

    @Test func `a new directory has PostgreSQL's shape and a shutdown checkpoint`() throws {
        let fileSystem = try TestNode.fresh()
        let files = fileSystem.snapshot
        #expect(
            files.keys.sorted() == [
                "PG_VERSION", "base/5/16384", "global/shiplog_control",
                "pg_wal/000000010000000000000001", "pg_xact/0000",
            ])
        #expect(files["PG_VERSION"] == Array("15\n".utf8))
        let control = try open(fileSystem).control
        #expect(control.state == .shutDown)
        #expect(control.checkpoint == LSN(0x100028))
        #expect(control.redo == control.checkpoint)
    }

    @Test func `control data survive the round trip and nothing else`() throws {
        let control = try open(try TestNode.fresh()).control
        let bytes = control.encoded()
        #expect(try ControlData(decoding: bytes) == control)
        for count in 0..<bytes.count {
            #expect(throws: OpenFailure.self) { try ControlData(decoding: Array(bytes[..<count])) }
        }
        for index in bytes.indices {
            var flipped = bytes
            flipped[index] ^= 0x10
            #expect(throws: OpenFailure.self) { try ControlData(decoding: flipped) }
        }
    }

    @Test func `a second opening is refused until the first is gone`() throws {
        let fileSystem = try TestNode.fresh()
        var first: DataDirectory? = try open(fileSystem)
        #expect(throws: OpenFailure.locked) { try open(fileSystem) }
        #expect(first != nil)
        first = nil
        _ = try open(fileSystem)
    }

    @Test func `what is not ours is told apart and left alone`() throws {
        let empty = MemoryFileSystem()
        #expect(throws: OpenFailure.notADataDirectory) { try open(empty) }

        let postgres = MemoryFileSystem()
        try postgres.replace("PG_VERSION", with: Array("15\n".utf8))
        try postgres.makeDirectory("global")
        try postgres.replace("global/pg_control", with: [1, 2, 3])
        let trace = CallTrace(postgres)
        #expect(throws: OpenFailure.postgresCluster) { try open(postgres) }
        #expect(!trace.take().contains { $0.hasPrefix("lock") })

        let newer = try TestNode.fresh()
        newer.damage("PG_VERSION") { $0 = Array("16\n".utf8) }
        #expect(throws: OpenFailure.wrongVersion(found: "16")) { try open(newer) }

        let layout = try TestNode.fresh()
        layout.damage("global/shiplog_control") { $0[8] = 9 }
        #expect(throws: OpenFailure.wrongControlVersion(found: 9)) { try open(layout) }

        let foreign = try TestNode.fresh()
        foreign.damage("global/shiplog_control") { $0[0] = 0 }
        #expect(throws: OpenFailure.notADataDirectory) { try open(foreign) }

        #expect(throws: OpenFailure.notEmpty(firstName: "PG_VERSION")) {
            try Initialization.create(
                on: foreign, .init(systemIdentifier: 1, time: TestNode.start))
        }
        #expect(throws: OpenFailure.missing(path: "/nowhere/at/all")) {
            try DataDirectory.open(path: "/nowhere/at/all")
        }
    }

    @Test(arguments: [ENOSPC, EROFS, EACCES, EIO])
    func `a disk that refuses is told apart by its reason`(code: Int32) throws {
        let fileSystem = try TestNode.fresh()
        fileSystem.intercept { operation, _ in operation == .lock ? code : nil }
        let failure = IOFailure(.lock, "shiplog.lock", code: code)
        let expected: OpenFailure =
            switch code {
            case ENOSPC: .full(failure)
            case EROFS: .readOnly(failure)
            case EACCES: .denied(failure)
            default: .io(failure)
            }
        #expect(throws: expected) { try open(fileSystem) }
        #expect(!expected.description.contains("\n"))
    }

    @Test(arguments: [IOFailure.Operation.syncData, .sync, .syncDirectory])
    func `after a failed sync nothing is written any more`(operation: IOFailure.Operation) throws {
        let fileSystem = try TestNode.fresh()
        var node = try TestNode(fileSystem)
        try node.set("a", "1")
        fileSystem.intercept { asked, _ in asked == operation ? EIO : nil }
        let plan = node.database.checkpoint(at: TestNode.start)
        fileSystem.intercept(nil)
        try node.flush()
        fileSystem.intercept { asked, _ in asked == operation ? EIO : nil }
        guard case .failed(.io(let failure)) = node.directory.perform(.checkpoint(plan)) else {
            Issue.record("the failed sync went unnoticed")
            return
        }
        #expect(failure.isFailedSync)
        fileSystem.intercept(nil)
        #expect(node.directory.refusal == failure)
        let trace = CallTrace(fileSystem)
        let answer = node.directory.perform(
            .appendWAL(.first, at: node.database.insertLSN, bytes: [1]))
        #expect(answer == .failed(.refused(after: failure)))
        #expect(trace.take() == [])
        #expect(node.directory.perform(.findOldestWAL) == .oldestWAL(LSN(0x100000), newest: 1))
    }

    @Test func `a full disk fails the append and a later one goes on`() throws {
        let fileSystem = try TestNode.fresh()
        let directory = try open(fileSystem)
        fileSystem.intercept { operation, path in
            operation == .write && path == "pg_wal/xlogtemp" ? ENOSPC : nil
        }
        let job = DiskJob.appendWAL(.first, at: LSN(0x200000), bytes: [1, 2, 3])
        #expect(
            directory.perform(job)
                == .failed(.io(IOFailure(.write, "pg_wal/xlogtemp", code: ENOSPC))))
        #expect(fileSystem.snapshot["pg_wal/xlogtemp"] == nil)
        fileSystem.intercept(nil)
        #expect(directory.perform(job) == .walFlushed(upTo: LSN(0x200003)))
    }

    @Test func `an append costs one write and one sync`() throws {
        let fileSystem = try TestNode.fresh()
        var node = try TestNode(fileSystem)
        try node.set("a", "1")
        let trace = CallTrace(fileSystem)
        try node.set("b", "2")
        let name = "pg_wal/000000010000000000000001"
        #expect(trace.take() == ["write \(name)", "fdatasync \(name)"])
    }

    @Test func `a new segment is whole and durable before it gets its name`() throws {
        let fileSystem = try TestNode.fresh()
        let directory = try open(fileSystem)
        #expect(directory.perform(.appendWAL(.first, at: LSN(0x1FFFC0), bytes: [0])) != .done)
        let trace = CallTrace(fileSystem)
        let bytes = [UInt8](repeating: 7, count: 100)
        let answer = directory.perform(
            .appendWAL(.first, at: LSN(0x1FFFC1), bytes: bytes))
        #expect(answer == .walFlushed(upTo: LSN(0x200025)))
        let old = "pg_wal/000000010000000000000001"
        let new = "pg_wal/000000010000000000000002"
        #expect(
            trace.take() == [
                "write \(old)", "fdatasync \(old)", "open \(new)", "open pg_wal/xlogtemp",
                "write pg_wal/xlogtemp", "fsync pg_wal/xlogtemp", "rename pg_wal/xlogtemp",
                "fsync directory pg_wal", "open \(new)", "write \(new)", "fdatasync \(new)",
            ])
        #expect(fileSystem.snapshot[new]?.count == 1 << 20)
    }

    @Test func `reading answers what was asked for or says which segment is gone`() throws {
        let fileSystem = try TestNode.fresh()
        let directory = try open(fileSystem)
        let bytes = (0..<3000).map { UInt8(truncatingIfNeeded: $0) }
        #expect(
            directory.perform(.appendWAL(.first, at: LSN(0x1FFC00), bytes: bytes))
                == .walFlushed(upTo: LSN(0x2007B8)))
        let read = DiskJob.readWAL(.first, from: LSN(0x1FFC01), upTo: LSN(0x2007B7))
        #expect(
            directory.perform(read)
                == .wal(at: LSN(0x1FFC01), bytes: Array(bytes[1..<2999])))
        #expect(
            directory.perform(.removeWAL(before: LSN(0x2FFFFF))) == .segmentsRemoved([]),
            "recovery would read it")
        var control = directory.control
        control.redo = LSN(0x200028)
        #expect(directory.perform(.writeControl(control)) == .done)
        #expect(
            directory.perform(.removeWAL(before: LSN(0x2FFFFF)))
                == .segmentsRemoved(["000000010000000000000001"]))
        #expect(
            directory.perform(read)
                == .failed(.segmentRemoved(fileName: "000000010000000000000001")))
        #expect(
            directory.perform(.readWAL(.first, from: LSN(9), upTo: LSN(8)))
                == .failed(.badRange(from: LSN(9), upTo: LSN(8))))
        #expect(
            directory.perform(.readWAL(Timeline(4), from: LSN(8), upTo: LSN(9)))
                == .failed(.unknownTimeline(Timeline(4))))
        #expect(
            directory.perform(.appendWAL(.first, at: LSN(0x500010), bytes: [1]))
                == .failed(.gap(at: LSN(0x500010), fileName: "000000010000000000000005")))
        #expect(
            try open(try TestNode.fresh()).perform(
                .appendWAL(.first, at: LSN(0x500010), bytes: [1]))
                == .failed(.gap(at: LSN(0x500010), fileName: "000000010000000000000005")))
    }

    @Test func `only a stopped directory is cloned`() throws {
        let fileSystem = try TestNode.fresh()
        do { _ = try TestNode(fileSystem) }
        #expect(throws: OpenFailure.notStopped(.inProduction)) {
            try TestNode.clone(of: fileSystem)
        }
    }
}
