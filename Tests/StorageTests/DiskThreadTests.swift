import Glibc
import Storage
import Synchronization
import Testing
import WALFormat

struct DiskThreadTests {
    /// What completions said, on whatever thread.
    final class Answers: Sendable {
        private let results = Mutex<[DiskResult]>([])

        func append(_ result: DiskResult) { results.withLock { $0.append(result) } }
        var all: [DiskResult] { results.withLock { $0 } }
    }

    /// Lets the test's thread wait for the disk's.
    final class Gate: @unchecked Sendable {
        // POSIX lets any thread use a semaphore at any time; its address never changes.
        private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

        init() { sem_init(semaphore, 0, 0) }

        deinit {
            sem_destroy(semaphore)
            semaphore.deallocate()
        }

        func signal() { sem_post(semaphore) }
        func wait() { while sem_wait(semaphore) != 0 {} }
    }

    @Test func `jobs are answered once and in the order they were asked`() throws {
        let thread = try DiskThread(try DataDirectory.open(try TestNode.fresh()))
        let answers = Answers()
        let start = LSN(0x300000)
        for number in 0..<100 {
            let job = DiskJob.appendWAL(
                .first, at: start.advanced(by: number * 8), bytes: [1, 2, 3, 4, 5, 6, 7, 8])
            thread.submit(job) { answers.append($0) }
        }
        thread.shutdown()
        #expect(answers.all == (1...100).map { .walFlushed(upTo: start.advanced(by: $0 * 8)) })
        thread.submit(.syncWAL) { answers.append($0) }
        #expect(answers.all.last == .failed(.abandoned))
        thread.shutdown()
        #expect(answers.all.count == 101)
    }

    @Test func `a crash answers what waits without touching the disk`() throws {
        let fileSystem = try TestNode.fresh()
        let thread = try DiskThread(try DataDirectory.open(fileSystem))
        let answers = Answers()
        let done = Gate()
        // The crash comes while the first job is being answered and two wait behind it.
        thread.submit(.appendWAL(.first, at: LSN(0x300000), bytes: [1])) { result in
            answers.append(result)
            for position in [LSN(0x400000), LSN(0x500000)] {
                thread.submit(.appendWAL(.first, at: position, bytes: [1])) { answers.append($0) }
            }
            thread.submit(.findOldestWAL) { result in
                answers.append(result)
                #expect(fileSystem.snapshot["pg_wal/000000010000000000000004"] == nil)
                done.signal()
            }
            thread.abandon()
        }
        done.wait()
        #expect(
            answers.all == [
                .walFlushed(upTo: LSN(0x300001)), .failed(.abandoned), .failed(.abandoned),
                .failed(.abandoned),
            ])
    }

    @Test func `a job is performed in place only while the thread has nothing to do`() throws {
        let thread = try DiskThread(try DataDirectory.open(try TestNode.fresh()))
        let append = DiskJob.appendWAL(.first, at: LSN(0x300000), bytes: [1])
        #expect(thread.performInPlace(append) == .walFlushed(upTo: LSN(0x300001)))
        let (begun, done) = (Gate(), Gate())
        thread.submit(.syncWAL) { _ in
            begun.signal()
            done.wait()
        }
        begun.wait()
        #expect(thread.performInPlace(append) == nil)
        done.signal()
        thread.shutdown()
    }

    @Test func `recovery runs on the thread`() throws {
        let thread = try DiskThread(try DataDirectory.open(try TestNode.fresh()))
        let answers = Answers()
        thread.recover(at: TestNode.start) { result in
            guard case .success(let recovered) = result else { return }
            answers.append(.oldestWAL(recovered.report.redoStart))
        }
        thread.shutdown()
        #expect(answers.all == [.oldestWAL(LSN(0x100028))])
    }
}
