import WALFormat
import WireProtocol

/// A session's transaction, and what BEGIN, COMMIT and errors make of it. PostgreSQL: `xact.c`'s
/// block states. It writes nothing: whoever holds it does.
struct TransactionBlock {
    struct Transaction {
        /// Its number; nil before its first change.
        var xid: TransactionID?
        var isReadOnly: Bool
        var isolation = SQLIsolation.readCommitted
        /// It reads from a snapshot that its session holds.
        var hasSnapshot = false
        let startedAt: PostgresTime
    }

    private enum Phase {
        case none
        /// Ends with the query or at Sync. PostgreSQL: `TBLOCK_STARTED`, and the implicit block.
        case implicit(Transaction)
        /// Between BEGIN and COMMIT.
        case open(Transaction)
        /// An error ended it; only its end may follow.
        case aborted
    }

    /// What COMMIT found.
    enum Commit {
        /// A block; it is now a transaction that ends with its query.
        case block
        case failedBlock
        case noBlock
    }

    private var phase = Phase.none

    /// What ReadyForQuery says.
    var state: TransactionState {
        switch phase {
        case .none, .implicit: .idle
        case .open: .inTransaction
        case .aborted: .failed
        }
    }

    var transaction: Transaction? {
        switch phase {
        case .implicit(let transaction), .open(let transaction): transaction
        case .none, .aborted: nil
        }
    }

    mutating func update(_ change: (inout Transaction) -> Void) {
        switch phase {
        case .implicit(var transaction):
            change(&transaction)
            phase = .implicit(transaction)
        case .open(var transaction):
            change(&transaction)
            phase = .open(transaction)
        case .none, .aborted: break
        }
    }

    /// Begins a transaction that ends with its query, unless there is one.
    mutating func start(_ new: @autoclosure () -> Transaction) {
        guard case .none = phase else { return }
        phase = .implicit(new())
    }

    /// Opens a block; says whether there was none.
    mutating func begin(_ new: @autoclosure () -> Transaction) -> Bool {
        switch phase {
        case .none: phase = .open(new())
        case .implicit(let transaction): phase = .open(transaction)
        case .open, .aborted: return false
        }
        return true
    }

    mutating func commit() -> Commit {
        switch phase {
        case .open(let transaction):
            phase = .implicit(transaction)
            return .block
        case .aborted:
            phase = .none
            return .failedBlock
        case .none, .implicit: return .noBlock
        }
    }

    /// The query is over: takes out the transaction that ends with it.
    mutating func takeImplicit() -> Transaction? {
        guard case .implicit(let transaction) = phase else { return nil }
        phase = .none
        return transaction
    }

    /// A statement failed.
    mutating func fail() {
        switch phase {
        case .none, .implicit: phase = .none
        case .open, .aborted: phase = .aborted
        }
    }

    mutating func rollBack() { phase = .none }
}
