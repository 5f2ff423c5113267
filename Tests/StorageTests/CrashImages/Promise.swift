import TableFormat
import WALFormat

@testable import Storage

/// What a node has promised so far, and what its table was at each position: the truth that every
/// disk found after a power loss is held against.
struct Promise {
    struct Commit {
        let end: LSN
        let changes: [String: String?]
    }

    /// The table's pages and the commit log as they were when the log ended somewhere.
    struct State {
        let pages: [HeapPage]
        let commitLog: CommitLog
    }

    /// The log up to here is durable: whoever waited for it has been told OK.
    private(set) var durable = LSN.invalid
    /// The node is a primary, and stays one.
    private(set) var isPromoted = false
    private var commits: [Commit] = []
    private var states: [LSN: State] = [:]

    mutating func committed(_ changes: [String: String?], end: LSN) {
        commits.append(Commit(end: end, changes: changes))
    }

    mutating func flushed(upTo end: LSN) { durable = max(durable, end) }

    mutating func promoted() { isPromoted = true }

    mutating func note(_ database: Database) {
        states[database.insertLSN] = State(pages: database.pages, commitLog: database.commitLog)
    }

    /// What lay behind `end` was never promised, and is gone.
    mutating func forget(after end: LSN) {
        commits.removeAll { $0.end > end }
        states = states.filter { $0.key <= end }
    }

    /// The table when the log ended at `end`: all of each transaction whose COMMIT lies before it.
    func rows(at end: LSN) -> [String: String] {
        var rows: [String: String] = [:]
        for commit in commits where commit.end <= end {
            for (key, value) in commit.changes { rows[key] = value }
        }
        return rows
    }

    func state(at end: LSN) -> State? { states[end] }
}
