internal import Glibc
public import WALFormat

/// A node's own thread for its disk: performs `DiskJob`s one after the other, in the order
/// submitted, so that a slow fsync stalls this node's disk and nothing else.
///
/// - Every job submitted is answered exactly once, in order, on this thread.
/// - After `shutdown()` or `abandon()` a further `submit` is answered `.abandoned` at once.
/// - `@unchecked Sendable`: `state` is read and written only while `mutex` is held; the pointers to
///   mutex and condition never change; `thread` is written once, before anyone else can see `self`.
public final class DiskThread: @unchecked Sendable {
    /// What to do with the directory; nil when the node went down first.
    private typealias Work = @Sendable (DataDirectory?) -> Void

    private enum Phase {
        case running
        /// Performs what is queued, then ends.
        case draining
        /// Answers what is queued without performing it, then ends.
        case abandoning
    }

    private struct State {
        var phase = Phase.running
        var queue: [Work] = []
    }

    private let directory: DataDirectory
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var state = State()
    private var thread = pthread_t()

    /// Starts the thread. It lives until `shutdown()` or `abandon()`; forgetting both leaks it.
    public init(_ directory: DataDirectory) {
        self.directory = directory
        mutex.initialize(to: pthread_mutex_t())
        changed.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
        let context = Unmanaged.passRetained(self).toOpaque()
        let code = pthread_create(&thread, nil, diskThreadMain, context)
        precondition(code == 0, "no thread for the disk: pthread_create says \(code)")
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Queues a job. `completion` is called once, on the disk thread; let it hop to the loop at
    /// once.
    public func submit(_ job: DiskJob, completion: @escaping @Sendable (DiskResult) -> Void) {
        enqueue { directory in
            completion(directory?.perform(job) ?? .failed(.abandoned))
        }
    }

    /// Queues recovery, which reads the whole of the log behind the redo point. `completion` is
    /// called as for a job; with nil when the node went down first. See `Recovery.run`.
    public func recover(
        at time: PostgresTime, ignoringDamage: Bool = false,
        completion: @escaping @Sendable (Result<Recovered, OpenFailure>?) -> Void
    ) {
        enqueue { directory in
            guard let directory else { return completion(nil) }
            do throws(OpenFailure) {
                completion(
                    .success(
                        try Recovery.run(directory, at: time, ignoringDamage: ignoringDamage)))
            } catch {
                completion(.failure(error))
            }
        }
    }

    private func enqueue(_ work: @escaping Work) {
        let accepted = locked { state in
            guard case .running = state.phase else { return false }
            state.queue.append(work)
            return true
        }
        if !accepted { work(nil) }
    }

    /// Performs what is queued, then ends the thread. Returns when it has ended; at once when a
    /// completion calls it, for the thread cannot wait for itself.
    public func shutdown() { end(by: .draining) }

    /// A crash: the job being performed still ends (the kernel has it), those behind it answer
    /// `.failed(.abandoned)` and never touch the disk. Returns as `shutdown()` does.
    public func abandon() { end(by: .abandoning) }

    private func end(by phase: Phase) {
        let isFirst = locked { state in
            guard case .running = state.phase else { return false }
            state.phase = phase
            return true
        }
        guard isFirst else { return }
        if pthread_equal(pthread_self(), thread) != 0 {
            pthread_detach(thread)
        } else {
            pthread_join(thread, nil)
        }
    }

    /// The thread's whole life.
    fileprivate func run() {
        while let (work, isAbandoned) = next() {
            work(isAbandoned ? nil : directory)
        }
    }

    private func next() -> (work: Work, isAbandoned: Bool)? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while state.queue.isEmpty {
            guard case .running = state.phase else { return nil }
            pthread_cond_wait(changed, mutex)
        }
        guard case .abandoning = state.phase else { return (state.queue.removeFirst(), false) }
        return (state.queue.removeFirst(), true)
    }

    private func locked<Answer>(_ body: (inout State) -> Answer) -> Answer {
        pthread_mutex_lock(mutex)
        let answer = body(&state)
        pthread_mutex_unlock(mutex)
        // Who is woken up wants the mutex: it is better free by then.
        pthread_cond_signal(changed)
        return answer
    }
}

/// A C function, so it takes the thread's owner as an untyped pointer; it owns one reference.
private func diskThreadMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context { Unmanaged<DiskThread>.fromOpaque(context).takeRetainedValue().run() }
    return nil
}
