import DatabaseNode
import LabClock
import Replication

/// A usual meter of how far a replica is behind in time.
package enum LagMeter: String, CaseIterable, Hashable, Sendable {
    /// `write_lag` of `pg_stat_replication`: what the upstream makes of the replica's last report.
    case write = "write_lag"
    /// `flush_lag`.
    case flush = "flush_lag"
    /// `replay_lag`.
    case replay = "replay_lag"
    /// `now() - pg_last_xact_replay_timestamp()`, on the replica.
    case naive
    /// The same, and 0 when the replica has replayed all that it has received.
    case guarded

    /// The step whose commits it is about.
    var step: ReplicaStep {
        switch self {
        case .write: .write
        case .flush: .flush
        case .replay, .naive, .guarded: .replay
        }
    }
}

/// What a meter shows of a replica, held against the truth.
package struct MeterReading: Hashable, Sendable {
    /// What makes a meter wrong.
    package enum Fault: Hashable, Sendable {
        /// Nothing is missing, and it counts on: from the last commit replayed.
        case countsIdleTime
        /// It counts from the last commit replayed, long before the oldest that is missing.
        case countsFromLastReplayed
        /// All that arrived is replayed; so many commits never arrived.
        case ignoresWhatNeverArrived(commits: Int)
        /// It is of a commit that the replica reported once; now none is missing.
        case isOfAnEarlierCommit
        /// The replica's last word was of another time: the oldest missing commit is older, or
        /// younger, than it says.
        case knowsOnlyTheLastWord
    }

    package let meter: LagMeter
    /// What it shows; nil: nothing.
    package let shown: Duration?
    /// Why that is not so; nil: it is about right, or shows nothing.
    package let fault: Fault?
}

extension Standing {
    /// What the usual meters show of a replica, each held against the truth; none of one that is
    /// down or stands elsewhere.
    package func meters(of node: LabSnapshot.Node) -> [MeterReading] {
        guard let lag = lag(of: node) else { return [] }
        return LagMeter.allCases.map { meter in
            let value = shown(by: meter, of: node, lag)
            return MeterReading(
                meter: meter, shown: value,
                fault: value.flatMap { fault(of: meter, showing: $0, node) })
        }
    }

    private func shown(
        by meter: LagMeter, of node: LabSnapshot.Node, _ lag: Lag
    ) -> Duration? {
        switch meter {
        case .write, .flush, .replay: believedLag(meter.step, of: node)
        case .naive: lag.naiveTime
        case .guarded: node.hasReplayedAll ? .zero : lag.naiveTime
        }
    }

    private func believedLag(_ step: ReplicaStep, of node: LabSnapshot.Node) -> Duration? {
        guard let upstream = node.role.upstream else { return nil }
        return snapshot[upstream]?.senders.first { $0.name == node.name }?.lags[step]
    }

    /// A meter is right when it is about the age of the oldest commit that is missing at its step:
    /// neither less than half of it nor more than twice.
    private func fault(
        of meter: LagMeter, showing shown: Duration, _ node: LabSnapshot.Node
    ) -> MeterReading.Fault? {
        guard let missing = node.trail?.own[meter.step] else { return nil }
        guard let since = missing.since else {
            guard shown > .zero else { return nil }
            switch meter {
            case .write, .flush, .replay: return .isOfAnEarlierCommit
            case .naive, .guarded: return .countsIdleTime
            }
        }
        let age = max(.zero, now.since(since))
        let isRight = shown * 2 >= age && shown <= age * 2
        switch meter {
        case .write, .flush, .replay:
            return isRight ? nil : .knowsOnlyTheLastWord
        case .naive, .guarded:
            if meter == .guarded, node.hasReplayedAll {
                return .ignoresWhatNeverArrived(commits: missing.commits)
            }
            return isRight ? nil : .countsFromLastReplayed
        }
    }
}

extension LabSnapshot.Node {
    /// Whether it has replayed what it has received, as far as its own two functions say:
    /// `pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()`.
    fileprivate var hasReplayedAll: Bool {
        positions.map { $0.flush == $0.replay } ?? false
    }
}
