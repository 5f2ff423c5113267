public import WALFormat

/// A node's own thread for its disk: performs `DiskJob`s one after the other, in the order
/// submitted, so that a slow fsync stalls this node's disk and nothing else.
///
/// - Every job submitted is answered exactly once, in order, on this thread.
/// - After `shutdown()` or `abandon()` a further `submit` is answered `.abandoned` at once.
public final class DiskThread: Sendable {
    private let directory: DataDirectory
    private let thread: WorkThread

    /// Starts the thread. It lives until `shutdown()` or `abandon()`, or is abandoned with the last
    /// reference to it.
    public init(_ directory: DataDirectory) throws(ThreadFailure) {
        self.directory = directory
        thread = try WorkThread()
    }

    deinit { thread.abandon() }

    /// Queues a job. `completion` is called once, on the disk thread; let it hop to the loop at
    /// once.
    public func submit(_ job: DiskJob, completion: @escaping @Sendable (DiskResult) -> Void) {
        thread.submit { [directory] isAbandoned in
            completion(isAbandoned ? .failed(.abandoned) : directory.perform(job))
        }
    }

    /// Performs a job on the caller's own thread, if nothing is queued or being performed; nil if
    /// something is. Only for the one who submits, while the thread lives.
    public func performInPlace(_ job: DiskJob) -> DiskResult? {
        thread.isIdle ? directory.perform(job) : nil
    }

    /// Queues recovery, which reads the whole of the log behind the redo point. `completion` is
    /// called as for a job; with nil when the node went down first. See `Recovery.run`.
    public func recover(
        at time: PostgresTime, ignoringDamage: Bool = false,
        completion: @escaping @Sendable (Result<Recovered, OpenFailure>?) -> Void
    ) {
        thread.submit { [directory] isAbandoned in
            guard !isAbandoned else { return completion(nil) }
            do throws(OpenFailure) {
                completion(
                    .success(
                        try Recovery.run(directory, at: time, ignoringDamage: ignoringDamage)))
            } catch {
                completion(.failure(error))
            }
        }
    }

    /// Performs what is queued, then ends the thread. Returns when it has ended; at once when a
    /// completion calls it, for the thread cannot wait for itself.
    public func shutdown() { thread.shutdown() }

    /// A crash: the job being performed still ends (the kernel has it), those behind it answer
    /// `.failed(.abandoned)` and never touch the disk. Returns as `shutdown()` does.
    public func abandon() { thread.abandon() }
}
