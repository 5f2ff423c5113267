package import LabClock
package import Replication
package import WALFormat

/// A running node's positions (ends, last byte + 1), under PostgreSQL's names.
package struct NodePositions: Hashable, Sendable {
    /// The timeline written or followed.
    package let timeline: Timeline
    /// A primary: the end of what was inserted. A standby: the end of what it has received.
    package let insert: LSN
    /// A standby: handed to its own kernel up to here. A primary: the same as `flush`.
    package let write: LSN
    /// Durable on its own disk up to here.
    package let flush: LSN
    /// A standby: replayed up to here. A primary: the same as `insert`.
    package let replay: LSN
    /// Transactions that have committed, as the node's tables have it.
    package let commits: Int
    /// The time in the last COMMIT it wrote or replayed since it started.
    package let lastCommit: LabInstant?

    package init(
        timeline: Timeline, insert: LSN, write: LSN, flush: LSN, replay: LSN, commits: Int,
        lastCommit: LabInstant?
    ) {
        self.timeline = timeline
        self.insert = insert
        self.write = write
        self.flush = flush
        self.replay = replay
        self.commits = commits
        self.lastCommit = lastCommit
    }
}

/// How a standby stands with its upstream.
package enum Reception: Hashable, Sendable {
    /// A connection is being made.
    case connecting
    /// WAL flows, or would if there were any.
    case streaming
    /// It lost its upstream and tries again at this instant.
    case waiting(until: LabInstant)
    /// It cannot follow its upstream as that is; it tries again.
    case stopped(WALReceiver.Refusal)
}

/// What an upstream believes of one replica. PostgreSQL: a row of `pg_stat_replication`.
package struct SenderView: Hashable, Sendable {
    /// The replica's `application_name`.
    package let name: String
    /// Handed to the socket up to here; nil before and after the stream.
    package let sent: LSN?
    /// The replica's last report; nil before there was one.
    package let write: LSN?
    /// The replica's last report of what is durable there.
    package let flush: LSN?
    /// The replica's last report of what is visible there.
    package let replay: LSN?
    /// How long ago what it reported had been the log's end, by step; nil: nothing to say.
    /// PostgreSQL: `write_lag`, `flush_lag`, `replay_lag`.
    package var lags = PerStep<Duration?> { _ in nil }
}
