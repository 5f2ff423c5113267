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
    /// The age of the heartbeat's row, read on the replica.
    case heartbeat

    /// Those that there are.
    package static func all(with heartbeats: Heartbeats?) -> [LagMeter] {
        allCases.filter { $0 != .heartbeat || heartbeats != nil }
    }

    /// The step whose commits it is about.
    var step: ReplicaStep {
        switch self {
        case .write: .write
        case .flush: .flush
        case .replay, .naive, .guarded, .heartbeat: .replay
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
        /// Nothing is missing; the row is written at an interval, and so old.
        case isWithinTheInterval(Duration)
        /// Nothing is missing, and nobody writes the row.
        case isNotWritten
        /// It counts from the last row that came, and not from the oldest commit that is missing.
        case countsFromTheLastRow(interval: Duration)
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
    package func meters(
        of node: LabSnapshot.Node, _ heartbeats: Heartbeats? = nil
    ) -> [MeterReading] {
        guard let lag = lag(of: node) else { return [] }
        return LagMeter.all(with: heartbeats).map { meter in
            let value = shown(by: meter, of: node, lag, heartbeats)
            return MeterReading(
                meter: meter, shown: value,
                fault: value.flatMap { fault(of: meter, showing: $0, node, heartbeats) })
        }
    }

    private func shown(
        by meter: LagMeter, of node: LabSnapshot.Node, _ lag: Lag, _ heartbeats: Heartbeats?
    ) -> Duration? {
        switch meter {
        case .write, .flush, .replay: believedLag(meter.step, of: node)
        case .naive: lag.naiveTime
        case .guarded: node.hasReplayedAll ? .zero : lag.naiveTime
        case .heartbeat: heartbeats?.written[node.name].map { max(.zero, now.since($0)) }
        }
    }

    private func believedLag(_ step: ReplicaStep, of node: LabSnapshot.Node) -> Duration? {
        guard let upstream = node.role.upstream else { return nil }
        return snapshot[upstream]?.senders.first { $0.name == node.name }?.lags[step]
    }

    /// A meter is right when it is about the age of the oldest commit that is missing at its step:
    /// neither less than half of it nor more than twice.
    private func fault(
        of meter: LagMeter, showing shown: Duration, _ node: LabSnapshot.Node,
        _ heartbeats: Heartbeats?
    ) -> MeterReading.Fault? {
        guard let missing = node.trail?.own[meter.step] else { return nil }
        let interval = heartbeats?.interval ?? .zero
        guard let since = missing.since else {
            guard shown > .zero else { return nil }
            switch meter {
            case .write, .flush, .replay: return .isOfAnEarlierCommit
            case .naive, .guarded: return .countsIdleTime
            case .heartbeat:
                return shown <= interval ? .isWithinTheInterval(interval) : .isNotWritten
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
        case .heartbeat:
            return isRight ? nil : .countsFromTheLastRow(interval: interval)
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
