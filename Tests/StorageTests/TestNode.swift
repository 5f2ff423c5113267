import Storage
import WALFormat

/// A node as the tests need it: a directory, its database, every job done at once.
struct TestNode {
    let fileSystem: any FileSystem
    let directory: DataDirectory
    var database: Database
    let report: RecoveryReport

    static let systemIdentifier: UInt64 = 7_000_000_000_000_000_001
    static let start = PostgresTime(microseconds: 700_000_000_000_000)

    /// A new cluster's directory in memory.
    static func fresh(_ segmentSize: SegmentSize = .oneMebibyte) throws -> MemoryFileSystem {
        let fileSystem = MemoryFileSystem()
        try Initialization.create(
            on: fileSystem,
            .init(systemIdentifier: systemIdentifier, segmentSize: segmentSize, time: start))
        return fileSystem
    }

    /// A standby's directory in memory, copied from one not running.
    static func clone(of fileSystem: any FileSystem) throws -> MemoryFileSystem {
        let copy = MemoryFileSystem()
        try Initialization.cloneCold(from: fileSystem, to: copy)
        return copy
    }

    /// Opens and recovers a directory.
    init(_ fileSystem: any FileSystem, removedCommits: RemovedCommits? = nil) throws {
        self.fileSystem = fileSystem
        directory = try DataDirectory.open(fileSystem, removedCommits: removedCommits)
        let recovered = try Recovery.run(directory, at: Self.start)
        database = recovered.database
        report = recovered.report
    }

    func perform(_ job: DiskJob) throws {
        if case .failed(let failure) = directory.perform(job) { throw failure }
    }

    /// Makes the log written so far durable.
    mutating func flush() throws {
        guard let (position, bytes) = database.takeWAL() else { return }
        try perform(.appendWAL(database.timeline, at: position, bytes: bytes))
        database.flushed(upTo: position.advanced(by: bytes.count))
    }

    /// One transaction with one row, durable.
    @discardableResult
    mutating func set(_ key: String, _ value: String) throws -> WALInserter.Inserted {
        let xid = database.begin()
        try database.put(key, value, xid: xid)
        let inserted = try database.commit(xid, at: Self.start)
        try flush()
        return inserted
    }

    mutating func checkpoint() throws {
        let plan = database.checkpoint(at: Self.start)
        try flush()
        try perform(.checkpoint(plan))
    }

    mutating func stop() throws {
        let plan = database.shutdown(at: Self.start)
        try flush()
        try perform(.checkpoint(plan))
    }

    /// A standby takes over everything a primary has on disk, as the stream would bring it: bytes
    /// first, then durability, then replay.
    mutating func follow(_ primary: TestNode, pieces: Int = 100_000) throws {
        var reader = WALReader(
            at: database.insertLSN, previous: database.lastRecordStart,
            segmentSize: database.segmentSize, systemIdentifier: database.systemIdentifier)
        var position = database.insertLSN
        let end = primary.database.insertLSN
        while position < end {
            let upTo = min(end, position.advanced(by: pieces))
            let answer = primary.directory.perform(
                .readWAL(primary.database.timeline, from: position, upTo: upTo))
            guard case .wal(_, let bytes) = answer else { throw Unexpected.result(answer) }
            try perform(.appendWAL(primary.database.timeline, at: position, bytes: bytes))
            reader.feed(bytes)
            while case .record(let record, let start, let end) = reader.next() {
                try database.redo(record, start: start, end: end)
            }
            position = upTo
        }
    }

    /// The history of the timeline the node is on.
    func history() throws -> TimelineHistory {
        let answer = directory.perform(.readHistory(database.timeline))
        guard case .history(let history) = answer else { throw Unexpected.result(answer) }
        return history
    }

    /// Promotes a standby to the next timeline that has no history yet.
    @discardableResult
    mutating func promote(reason: String = "no recovery target specified") throws -> LSN {
        let old = database.timeline
        let history = try history()
        var new = old.next
        while case .history = directory.perform(.readHistory(new)) { new = new.next }
        let fork = database.promote(to: new, at: Self.start)
        try perform(
            .beginTimeline(
                new, history.appending(timeline: old, switchpoint: fork, reason: reason)))
        try perform(.leaveRecovery)
        try flush()
        try perform(.writeControl(database.controlData(.inProduction)))
        return fork
    }

    var rows: [String: String] {
        Dictionary(uniqueKeysWithValues: database.rows().map { ($0.key, $0.value) })
    }
}

enum Unexpected: Error {
    case result(DiskResult)
}
