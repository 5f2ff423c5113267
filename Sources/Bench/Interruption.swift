internal import Glibc
import Programs
internal import Synchronization

/// How a bench is ended early, and the programs that must not outlive it.
///
/// A bench looks at it between rounds and clears up behind itself; what it waits for in between
/// (a client program) is told to end.
package final class Interruption: ProcessKeeper {
    private struct State {
        var isRaised = false
        /// Programs that end by themselves when they are told to.
        var clients: Set<Int32> = []
        /// Servers, which are stopped in order by whoever started them.
        var servers: Set<Int32> = []
    }

    private let state = Mutex(State())

    /// Nothing has been interrupted yet.
    package init() {}

    /// Ends the bench soon. From any thread.
    package func raise() {
        state.withLock { state in
            state.isRaised = true
            for pid in state.clients { kill(pid, SIGTERM) }
        }
    }

    /// Ends every program at once: the process is about to exit without clearing up.
    package func abandon() {
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
    package func began(_ pid: Int32, isServer: Bool) {
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
    package func ends(_ pid: Int32) {
        state.withLock { state in
            state.clients.remove(pid)
            state.servers.remove(pid)
        }
    }
}
