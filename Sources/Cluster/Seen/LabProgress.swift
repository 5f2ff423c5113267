import Synchronization

/// How far a call is that takes long, for whoever shows it meanwhile. From any thread.
package final class LabProgress: Sendable {
    /// What is counted.
    package enum Unit: String, Hashable, Sendable {
        /// Commits acknowledged, of those asked for.
        case commits
        /// Rows that one statement has changed, of those it is to.
        case rows
    }

    /// So many of so many.
    package struct Count: Hashable, Sendable {
        package var done = 0
        package let all: Int
        package var unit = Unit.commits
    }

    private let count = Mutex<Count?>(nil)

    init() {}

    /// Nil: nothing is under way whose end is known.
    package var now: Count? { count.withLock { $0 } }

    func begin(_ all: Int) { count.withLock { $0 = Count(all: all) } }
    func acknowledged() { count.withLock { $0?.done += 1 } }
    func reached(_ done: Int, of all: Int) {
        count.withLock { $0 = Count(done: done, all: all, unit: .rows) }
    }
    func end() { count.withLock { $0 = nil } }
}
