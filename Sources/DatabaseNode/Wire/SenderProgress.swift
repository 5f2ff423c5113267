import Replication
import WALFormat

/// What `pg_stat_replication` says of a WAL sender besides its positions.
struct SenderProgress: Hashable {
    let startedAt: PostgresTime
    /// How long ago what the replica reports had been the log's end.
    var tracker = LagTracker()

    /// The same of one step; nil: nothing to say.
    func lag(_ step: ReplicaStep) -> Duration? {
        let microseconds =
            switch step {
            case .write: tracker.lags[.write]
            case .flush: tracker.lags[.flush]
            case .replay: tracker.lags[.apply]
            }
        return microseconds.map { .microseconds($0) }
    }
}
