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
/// - Touched on the lab's loop only.
/// - After `close` or `abandon` nothing comes back, and the directory is let go.
final class NodeDisk {
    private enum Phase {
        case open(DiskWorker)
        case gone
    }

    private var phase: Phase
    private var mailbox: Mailbox<DiskResult>!
    private var waiting: [(DiskResult) -> Void] = []
    private var head = 0

    init(_ worker: DiskWorker, lab: LabLoop) {
        phase = .open(worker)
        mailbox = lab.mailbox { [weak self] result in self?.deliver(result) }
    }

    /// Asks for a job; `done` is called on the loop when it has been performed.
    func submit(_ job: DiskJob, done: @escaping (DiskResult) -> Void) {
        switch phase {
        case .gone: return
        case .open(.thread(let thread)):
            expect(done)
            thread.submit(job) { [mailbox] result in mailbox?.post(result) }
        case .open(.loop(let directory)):
            expect(done)
            mailbox.post(directory.perform(job))
        }
    }

    private func expect(_ done: @escaping (DiskResult) -> Void) {
        waiting.append(done)
        mailbox.expect()
    }

    /// Lets the directory go; nothing may be under way.
    func close() {
        if case .open(.thread(let thread)) = phase { thread.shutdown() }
        forget()
    }

    /// A power loss: what was not yet performed never will be.
    func abandon() {
        if case .open(.thread(let thread)) = phase { thread.abandon() }
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
