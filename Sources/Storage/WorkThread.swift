internal import Glibc

/// A thread for work that blocks: does one thing after the other, in the order submitted.
///
/// - Everything submitted is called exactly once, in order, on this thread; also what an `abandon`
///   overtook, which is told so.
/// - After `shutdown()` or `abandon()` whatever is submitted is told at once that it was abandoned.
/// - It begins with the signals blocked that the thread which made it has blocked.
/// - `@unchecked Sendable`: `state` is read and written only while `mutex` is held; the pointers to
///   mutex and condition never change; `thread` is written once, before anyone else can see `self`.
package final class WorkThread: @unchecked Sendable {
    /// What to do; told whether the node went down first.
    package typealias Work = @Sendable (_ isAbandoned: Bool) -> Void

    private enum Phase {
        case running
        /// Performs what is queued, then ends.
        case draining
        /// Answers what is queued without performing it, then ends.
        case abandoning
    }

    private struct State {
        var phase = Phase.running
        var isWorking = false
        var queue: [Work] = []
    }

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var state = State()
    private var thread = pthread_t()

    /// Starts the thread. It lives until `shutdown()` or `abandon()`; forgetting both leaks it.
    package init() throws(ThreadFailure) {
        mutex.initialize(to: pthread_mutex_t())
        changed.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
        let owner = Unmanaged.passRetained(self)
        let code = pthread_create(&thread, nil, workThreadMain, owner.toOpaque())
        guard code == 0 else {
            owner.release()
            throw ThreadFailure(code: code)
        }
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Queues work.
    package func submit(_ work: @escaping Work) {
        let accepted = locked { state in
            guard case .running = state.phase else { return false }
            state.queue.append(work)
            return true
        }
        if !accepted { work(true) }
    }

    /// Nothing is queued or being done. Remains so until somebody submits.
    package var isIdle: Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return state.queue.isEmpty && !state.isWorking
    }

    /// Performs what is queued, then ends the thread. Returns when it has ended; at once when a
    /// completion calls it, for the thread cannot wait for itself.
    package func shutdown() { end(by: .draining) }

    /// A crash: what is being done still ends (the kernel has it), what is behind it is called off.
    /// Returns as `shutdown()` does.
    package func abandon() { end(by: .abandoning) }

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
            work(isAbandoned)
        }
    }

    private func next() -> (work: Work, isAbandoned: Bool)? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        state.isWorking = false
        while state.queue.isEmpty {
            guard case .running = state.phase else { return nil }
            pthread_cond_wait(changed, mutex)
        }
        state.isWorking = true
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
private func workThreadMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context { Unmanaged<WorkThread>.fromOpaque(context).takeRetainedValue().run() }
    return nil
}
