import Network
import Storage

/// The loop's side of a node's disk: submits jobs to the node's thread and brings the results back
/// to the loop, in order, counted by the settle ledger.
///
/// - Touched on the lab's loop only.
/// - After `close` or `abandon` nothing comes back, and the directory is let go.
final class NodeDisk {
    private var thread: DiskThread?
    private var mailbox: Mailbox<DiskResult>!
    private var waiting: [(DiskResult) -> Void] = []
    private var head = 0

    init(_ directory: DataDirectory, lab: LabLoop) {
        thread = DiskThread(directory)
        mailbox = lab.mailbox { [weak self] result in self?.deliver(result) }
    }

    /// Asks for a job; `done` is called on the loop when it has been performed.
    func submit(_ job: DiskJob, done: @escaping (DiskResult) -> Void) {
        guard let thread else { return }
        waiting.append(done)
        mailbox.expect()
        thread.submit(job) { [mailbox] result in mailbox?.post(result) }
    }

    /// Lets the directory go; nothing may be under way.
    func close() {
        thread?.shutdown()
        forget()
    }

    /// A power loss: what was not yet performed never will be.
    func abandon() {
        thread?.abandon()
        forget()
    }

    private func forget() {
        thread = nil
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
