import Synchronization

/// How far a call is that takes long, for whoever shows it meanwhile. From any thread.
package final class LabProgress: Sendable {
    /// Commits acknowledged, of those asked for.
    package struct Count: Hashable, Sendable {
        package var done = 0
        package let all: Int
    }

    private let count = Mutex<Count?>(nil)

    init() {}

    /// Nil: nothing is under way whose end is known.
    package var now: Count? { count.withLock { $0 } }

    func begin(_ all: Int) { count.withLock { $0 = Count(all: all) } }
    func acknowledged() { count.withLock { $0?.done += 1 } }
    func end() { count.withLock { $0 = nil } }
}
