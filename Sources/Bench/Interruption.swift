internal import Glibc
public import Programs
internal import Synchronization

/// How a bench is ended early, and the programs that must not outlive it.
///
/// A bench looks at it between rounds and clears up behind itself; what it waits for in between
/// (a client program) is told to end.
public final class Interruption: ProcessKeeper {
    private struct State {
        var isRaised = false
        /// Programs that end by themselves when they are told to.
        var clients: Set<Int32> = []
        /// Servers, which are stopped in order by whoever started them.
        var servers: Set<Int32> = []
    }

    private let state = Mutex(State())

    /// Nothing has been interrupted yet.
    public init() {}

    /// Ends the bench soon. From any thread.
    public func raise() {
        state.withLock { state in
            state.isRaised = true
            for pid in state.clients { kill(pid, SIGTERM) }
        }
    }

    /// Ends every program at once: the process is about to exit without clearing up.
    public func abandon() {
        state.withLock { state in
            for pid in state.clients { kill(pid, SIGKILL) }
            // PostgreSQL: an immediate shutdown.
            for pid in state.servers { kill(pid, SIGQUIT) }
        }
    }

    /// - Throws: `.interrupted` once it was raised.
    func check() throws(BenchFailure) {
        if state.withLock({ $0.isRaised }) { throw .interrupted }
    }

    /// A program of the bench's was started.
    public func began(_ pid: Int32, isServer: Bool) {
        state.withLock { state in
            if isServer {
                state.servers.insert(pid)
            } else {
                state.clients.insert(pid)
                if state.isRaised { kill(pid, SIGTERM) }
            }
        }
    }

    /// A program of the bench's has ended, and is not waited for yet.
    public func ends(_ pid: Int32) {
        state.withLock { state in
            state.clients.remove(pid)
            state.servers.remove(pid)
        }
    }
}
