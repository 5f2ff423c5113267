import Network
import Storage

/// The loop's side of a node's disk: submits jobs to the node's thread and brings the results back
/// to the loop, in order, counted by the settle ledger. A disk that makes nobody wait is asked on
/// the loop itself; its results come back by the same way, on a later turn.
///
/// - Touched on the lab's loop only.
/// - After `close` or `abandon` nothing comes back, and the directory is let go.
final class NodeDisk {
    private enum Worker {
        case thread(DiskThread)
        case loop(DataDirectory)
        case gone
    }

    private var worker: Worker
    private var mailbox: Mailbox<DiskResult>!
    private var waiting: [(DiskResult) -> Void] = []
    private var head = 0

    init(_ directory: DataDirectory, isInstant: Bool, lab: LabLoop) {
        worker = isInstant ? .loop(directory) : .thread(DiskThread(directory))
        mailbox = lab.mailbox { [weak self] result in self?.deliver(result) }
    }

    /// Asks for a job; `done` is called on the loop when it has been performed.
    func submit(_ job: DiskJob, done: @escaping (DiskResult) -> Void) {
        switch worker {
        case .gone: return
        case .thread(let thread):
            expect(done)
            thread.submit(job) { [mailbox] result in mailbox?.post(result) }
        case .loop(let directory):
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
        if case .thread(let thread) = worker { thread.shutdown() }
        forget()
    }

    /// A power loss: what was not yet performed never will be.
    func abandon() {
        if case .thread(let thread) = worker { thread.abandon() }
        forget()
    }

    private func forget() {
        worker = .gone
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
