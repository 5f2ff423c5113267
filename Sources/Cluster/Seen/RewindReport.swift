package import DatabaseNode
package import Replication
package import Storage
package import WALFormat

/// What a rewind did, or would do.
package struct RewindReport: Hashable, Sendable {
    package let node: String
    /// The node whose files it got, and that it follows now.
    package let source: String
    package let summary: RewindSummary
    /// The lost commits that no disk has any more.
    package let discarded: [LostRecord]
    /// What replay did; nil: nothing was changed.
    package let recovery: RecoveryReport?
    /// Lab time it took.
    package let took: Duration
}

/// Why a node was not rewound.
package enum RewindFailure: Hashable, Sendable {
    case isOwnSource
    /// Its log or its files do not allow it; nothing has changed.
    case refused(RewindRefusal)
    /// The source has removed the log from where redo would begin.
    case sourceLacksLog(from: LSN, isTouched: Bool)
    /// It broke off. If the directory was touched, no node starts on it before it is run again.
    case broken(BackupReceiver.Failure, isTouched: Bool)
}
