internal import Glibc
internal import Storage
internal import Synchronization
internal import WALFormat

/// A commit without sockets: the node's table, log and disk thread, the hand-off to that thread and
/// back included.
final class EngineCommit {
    private let thread: DiskThread
    private var database: Database
    private let answer = DiskAnswer()
    private var number = 0

    /// Makes a data directory in the bench's folder.
    init(_ directory: BenchDirectory) throws(BenchFailure) {
        do {
            let files = try RealFileSystem(opening: try directory.folder("engine"))
            try Initialization.create(
                on: files,
                Initialization.Parameters(systemIdentifier: 1, time: Self.time))
            let opened = try DataDirectory.open(files)
            database = try Recovery.run(opened, at: Self.time).database
            thread = try DiskThread(opened)
        } catch {
            throw .lab("the engine's data directory: \(error)")
        }
    }

    deinit { thread.shutdown() }

    func run(_ duration: Duration) throws(BenchFailure) -> Pace {
        let watch = Stopwatch()
        var count = 0
        while watch.elapsed < duration {
            _ = try commit()
            count += 1
        }
        return Pace(count: count, elapsed: watch.elapsed)
    }

    /// The WAL of so many commits.
    func record(_ count: Int) throws(BenchFailure) -> RecordedWAL {
        var wal = RecordedWAL()
        for _ in 0..<count { wal.append(try commit()) }
        return wal
    }

    /// One durable commit; its WAL.
    private func commit() throws(BenchFailure) -> [UInt8] {
        number += 1
        do throws(TableError) {
            let xid = database.begin()
            try database.put("k\(number)", InsertStatement.value, xid: xid)
            _ = try database.commit(xid, at: Self.time)
        } catch {
            throw .lab("a commit: \(error)")
        }
        guard let wal = database.takeWAL() else { throw .lab("a commit wrote no WAL") }
        let answer = answer
        thread.submit(.appendWAL(database.timeline, at: wal.at, bytes: wal.bytes)) {
            answer.give($0)
        }
        guard case .walFlushed = answer.take() else { throw .lab("the WAL was not flushed") }
        return wal.bytes
    }

    private static let time = PostgresTime(microseconds: 0)
}

/// One disk job's answer on its way back to the thread that waits for it.
///
/// `@unchecked Sendable`: the semaphore is made for threads, and its place never changes.
private final class DiskAnswer: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    private let result = Mutex<DiskResult?>(nil)

    init() {
        semaphore.initialize(to: sem_t())
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func give(_ answer: DiskResult) {
        result.withLock { $0 = answer }
        sem_post(semaphore)
    }

    func take() -> DiskResult? {
        while sem_wait(semaphore) != 0, errno == EINTR {}
        return result.withLock { $0 }
    }
}
