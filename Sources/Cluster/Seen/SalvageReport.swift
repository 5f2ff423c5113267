package import LabClock
package import WALFormat

/// The forked tail of a node's log, key by key, beside what the primary has: what can still be
/// brought over by hand after a failover.
///
/// It is read from the node's own log, whether the node is up or down, and from the primary's. Of
/// a key that the tail changed more than once the last change counts.
package struct SalvageReport: Hashable, Sendable {
    /// Whose tail it is.
    package let node: String
    /// The primary whose log goes another way.
    package let primary: String
    /// Where the two logs part: what is behind it on the node is the tail.
    package let fork: LSN
    /// COMMITs in the tail.
    package let commitCount: Int
    /// How many of them may have changed more than the log says any more.
    package let incompleteCount: Int
    /// Where the node's log begins, if WAL of the tail itself has been removed.
    package let beginsBehindFork: LSN?
    /// In the order of their last changes.
    package let keys: [SalvageKey]

    /// Those that the primary changed too, to something else.
    package var conflicts: [SalvageKey] { keys.filter { $0.standing == .conflict } }
    /// Those that only the tail changed.
    package var missing: [SalvageKey] { keys.filter { $0.standing == .missing } }
}

/// What a tail made of one key.
package struct SalvageKey: Hashable, Sendable {
    /// How the primary stands with it.
    package enum Standing: String, Hashable, Sendable {
        /// The primary has the same.
        case same
        /// The primary has what it had at the fork.
        case missing
        /// The primary has changed the key since the fork, or may have, to something else.
        case conflict
    }

    package let key: String
    /// What the tail made of it in the end; nil: deleted.
    package let value: String?
    /// Where the COMMIT of that ends.
    package let lsn: LSN
    /// Whether a client was told OK about it.
    package let isAcknowledged: Bool
    /// What the primary has; nil: no such key.
    package let held: String?
    package let standing: Standing
}

/// What is done about keys that the primary changed too.
package enum ConflictRule: String, CaseIterable, Hashable, Sendable {
    /// The primary keeps what it has.
    case skip
    /// The tail's value takes its place.
    case overwrite
}

/// What a tail was, and what of it was written to the primary.
package struct ReapplyReport: Hashable, Sendable {
    /// The tail as it was before.
    package let tail: SalvageReport
    /// The keys written, all in one transaction.
    package let written: [SalvageKey]
    /// Where its COMMIT ends, and when its client was told OK; nil: there was nothing to write.
    package let commit: Commit?

    /// The OK of that transaction.
    package struct Commit: Hashable, Sendable {
        package let lsn: LSN
        package let acknowledgedAt: LabInstant
    }
}
