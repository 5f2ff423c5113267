import Replication
package import Storage
package import WALFormat

/// What a node has: while it is up by its own word, and when it is down as it was last seen. Kept
/// here once, for whoever asks what a downed node's disk should hold.
package struct LastSeen: Hashable, Sendable {
    /// How it went down.
    package enum Why: String, Hashable, Sendable {
        /// Power loss.
        case crashed
        /// A clean shutdown, or it was never up.
        case stopped
    }

    /// How it went down.
    package let why: Why
    /// It wrote the log, and did not follow another's.
    package let isPrimary: Bool
    /// Its log, as far as it was durable; nil: it was never seen up, or its directory was emptied.
    package let log: LogExtent?
    /// Commits in it.
    package let commits: Int

    /// When the last of them were made.
    package let commitTimes: CommitTimes

    /// Nothing is known of its log.
    package init(why: Why, isPrimary: Bool) {
        self.init(why: why, isPrimary: isPrimary, log: nil, commits: 0)
    }

    package init(
        why: Why, isPrimary: Bool, log: LogExtent?, commits: Int,
        commitTimes: CommitTimes = .unknown
    ) {
        self.commitTimes = commitTimes
        self.why = why
        self.isPrimary = isPrimary
        self.log = log
        self.commits = commits
    }

    /// A running node at this moment.
    package init(_ process: NodeProcess, why: Why = .stopped) {
        self.init(
            why: why, isPrimary: !process.isInRecovery, log: process.logExtent,
            commits: process.durableCommitCount, commitTimes: process.database.commitTimes)
    }

    /// The same, and it did not crash.
    package var stopped: LastSeen {
        LastSeen(
            why: .stopped, isPrimary: isPrimary, log: log, commits: commits,
            commitTimes: commitTimes)
    }
}
