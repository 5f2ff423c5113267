import Replication
import WALFormat

/// What `pg_stat_replication` says of a WAL sender besides its positions.
struct SenderProgress: Hashable {
    let startedAt: PostgresTime
    /// How long ago what the replica reports had been the log's end.
    var tracker = LagTracker()

    /// The same of one step; nil: nothing to say.
    func lag(_ step: ReplicaStep) -> Duration? {
        tracker.lags[step].map { .microseconds($0) }
    }
}
