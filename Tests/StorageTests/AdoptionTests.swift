import Testing
import WALFormat

@testable import Storage

/// A log that goes on where another cluster's ends.
struct AdoptionTests {
    private let source = MemoryFileSystem()
    private let number: UInt64 = 0x0123_4567_89AB_CDEF

    /// A stopped cluster whose last checkpoint is not its first record.
    private func stopped() throws -> ControlData {
        try Initialization.create(
            on: source,
            Initialization.Parameters(systemIdentifier: number, time: PostgresTime(microseconds: 0))
        )
        return try DataDirectory.open(source).control
    }

    @Test func `it has the other's number, and begins behind its checkpoint`() throws {
        let control = try stopped()
        let target = MemoryFileSystem()
        try Initialization.adopt(
            source, systemIdentifier: number, checkpoint: control.checkpoint, on: target)
        let name = "pg_wal/000000010000000000000001"
        #expect(try target.contents(of: name) == source.contents(of: name))
        let directory = try DataDirectory.open(target)
        #expect(directory.control == control)
        let database = try Recovery.run(directory, at: PostgresTime(microseconds: 1)).database
        #expect(database.lastRecordStart == control.checkpoint)
        #expect(database.nextXID == control.nextXID)
    }

    @Test func `where no checkpoint lies there is nothing to adopt`() throws {
        let control = try stopped()
        let elsewhere = control.checkpoint.advanced(by: 8)
        #expect(throws: OpenFailure.self) {
            try Initialization.adopt(
                source, systemIdentifier: number, checkpoint: elsewhere, on: MemoryFileSystem())
        }
    }

    @Test func `another cluster's log is refused`() throws {
        let control = try stopped()
        #expect(throws: OpenFailure.noCheckpoint(at: control.checkpoint)) {
            try Initialization.adopt(
                source, systemIdentifier: number + 1, checkpoint: control.checkpoint,
                on: MemoryFileSystem())
        }
    }

    @Test func `a log that goes on behind the checkpoint is refused`() throws {
        let control = try stopped()
        let directory = try DataDirectory.open(source)
        var database = try Recovery.run(directory, at: PostgresTime(microseconds: 1)).database
        _ = database.checkpoint(at: PostgresTime(microseconds: 2))
        let pending = database.takeWAL()
        let (position, bytes) = try #require(pending)
        try directory.require(.appendWAL(.first, at: position, bytes: bytes))
        #expect(throws: OpenFailure.noCheckpoint(at: control.checkpoint)) {
            try Initialization.adopt(
                source, systemIdentifier: number, checkpoint: control.checkpoint,
                on: MemoryFileSystem())
        }
    }
}
