import NIOCore

/// The way back onto the loop for one sender's results. Each letter is announced on the loop before
/// the work begins and is counted until it was received; when that is, `ThreadJobs` decides.
///
/// `@unchecked Sendable`: `receive` and the jobs are touched only on the loop.
public final class Mailbox<Letter: Sendable>: @unchecked Sendable {
    private let loop: any EventLoop
    private let jobs: ThreadJobs
    private let number: Int
    private var receive: ((Letter) -> Void)?

    init(loop: any EventLoop, jobs: ThreadJobs, receive: @escaping (Letter) -> Void) {
        self.loop = loop
        self.jobs = jobs
        self.receive = receive
        number = jobs.nextMailbox()
    }

    /// Announces one letter. Loop only, before the work is handed to another thread.
    public func expect() {
        jobs.begin()
    }

    /// Puts off what was announced until nothing in the lab moves; then `begin` is called, and told
    /// whether the loop itself has time for it. Loop only.
    public func whenStill(_ begin: @escaping (_ onLoop: Bool) -> Void) {
        jobs.putOff(begin)
    }

    /// Delivers an announced letter. From any thread.
    public func post(_ letter: Letter) {
        loop.execute { [self] in
            jobs.ended(number) { [self] in receive?(letter) }
        }
    }

    /// Drops letters that still come, for a receiver that is gone; they stay counted. Loop only.
    public func close() {
        receive = nil
    }
}
