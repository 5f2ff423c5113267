import Network
import Storage

/// Who performs a node's disk jobs.
enum DiskWorker: Sendable {
    /// A thread of the node's own.
    case thread(DiskThread)
    /// The loop: the disk makes nobody wait.
    case loop(DataDirectory)
}

/// The loop's side of a node's disk: submits jobs to the node's thread and brings the results back
/// to the loop, in order, counted by the settle ledger. A disk that makes nobody wait is asked on
/// the loop itself; its results come back by the same way, on a later turn.
///
/// Short jobs are put off until nothing in the lab moves, and then done on the loop if it has
/// nothing better to do: that wakes no thread. With an outside program connected, that is so of
/// appends to a node's own log alone, for which their client waits anyway: a replica's disk must
/// not keep the loop from the primary's client. With two programs or more it is so of no job: one
/// that waits for a slow disk must not keep the loop from the others.
///
/// - Jobs are performed in the order asked, wherever that is.
/// - Touched on the lab's loop only.
/// - After `close` or `abandon` nothing comes back, and the directory is let go.
final class NodeDisk {
    private enum Phase {
        case open(DiskWorker)
        case gone
    }

    private var phase: Phase
    private var mailbox: Mailbox<DiskResult>!
    private let lab: LabLoop
    /// Put off, for the thread or the loop.
    private var putOff: [DiskJob] = []
    private var waiting: [(DiskResult) -> Void] = []
    private var head = 0

    init(_ worker: DiskWorker, lab: LabLoop) {
        self.lab = lab
        phase = .open(worker)
        mailbox = lab.mailbox { [weak self] result in self?.deliver(result) }
    }

    /// Asks for a job; `done` is called on the loop when it has been performed.
    func submit(_ job: DiskJob, done: @escaping (DiskResult) -> Void) {
        switch phase {
        case .gone: return
        case .open(.thread(let thread)):
            expect(done)
            if isForLoop(job) { return putOff(job) }
            handOver(to: thread)
            submit(job, to: thread)
        case .open(.loop(let directory)):
            expect(done)
            mailbox.post(directory.perform(job))
        }
    }

    /// Whether the loop may do it, if it has nothing else to do.
    private func isForLoop(_ job: DiskJob) -> Bool {
        switch lab.outsiderCount {
        case 0: job.isShort
        case 1: job.isShort && job.isAppend
        default: false
        }
    }

    private func submit(_ job: DiskJob, to thread: DiskThread) {
        thread.submit(job) { [mailbox] result in mailbox?.post(result) }
    }

    private func putOff(_ job: DiskJob) {
        putOff.append(job)
        guard putOff.count == 1 else { return }
        mailbox.whenStill { [weak self] onLoop in self?.beginPutOff(onLoop: onLoop) }
    }

    private func beginPutOff(onLoop: Bool) {
        guard case .open(.thread(let thread)) = phase else { return }
        guard onLoop else { return handOver(to: thread) }
        while let job = putOff.first, let result = thread.performInPlace(job) {
            putOff.removeFirst()
            mailbox.post(result)
        }
        handOver(to: thread)
    }

    /// What was put off goes to the thread.
    private func handOver(to thread: DiskThread) {
        for job in putOff { submit(job, to: thread) }
        putOff = []
    }

    private func expect(_ done: @escaping (DiskResult) -> Void) {
        waiting.append(done)
        mailbox.expect()
    }

    /// Lets the directory go; nothing may be under way.
    func close() {
        if case .open(.thread(let thread)) = phase {
            handOver(to: thread)
            thread.shutdown()
        }
        forget()
    }

    /// A power loss: what was not yet performed never will be.
    func abandon() {
        if case .open(.thread(let thread)) = phase {
            thread.abandon()
            handOver(to: thread)
        }
        forget()
    }

    private func forget() {
        phase = .gone
        waiting = []
        head = 0
        mailbox.close()
    }

    private func deliver(_ result: DiskResult) {
        guard head < waiting.count else { return }
        let done = waiting[head]
        head += 1
        if head == waiting.count {
            waiting = []
            head = 0
        }
        done(result)
    }
}
