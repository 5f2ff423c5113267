import WALFormat
import WireProtocol

/// What `pg_stat_replication` says of a WAL sender besides its positions: how long ago what the
/// replica last reported had been sent. Pure.
///
/// PostgreSQL: `LagTracker`, which also guesses between two samples.
///
/// - Samples are taken when WAL is handed to the socket, on the sender's clock alone.
/// - Their number is bounded; when there are too many, the newest is moved on.
struct SenderProgress: Hashable {
    /// The steps a replica reports.
    enum Step: Int, CaseIterable {
        case write
        case flush
        case apply
    }

    /// PostgreSQL: `LAG_TRACKER_BUFFER_SIZE`.
    static let maximumSampleCount = 8192

    /// WAL up to here was sent at this time.
    private struct Sample: Hashable {
        let lsn: LSN
        let time: PostgresTime
    }

    let startedAt: PostgresTime
    /// In microseconds.
    private(set) var lags: [Step: Int64] = [:]
    /// Oldest first.
    private var samples: [Sample] = []
    /// The last position reported of each step.
    private var reached: [Step: LSN] = [:]
    private var wasFullyApplied = false

    /// How many samples are kept.
    var sampleCount: Int { samples.count }

    init(startedAt: PostgresTime) {
        self.startedAt = startedAt
    }

    mutating func sent(upTo lsn: LSN, at time: PostgresTime) {
        if samples.count == Self.maximumSampleCount { samples.removeLast() }
        samples.append(Sample(lsn: lsn, time: time))
    }

    /// The replica reported. Twice in a row that it has everything means that nothing happens any
    /// more: then old lags are forgotten.
    mutating func replied(_ status: StandbyStatus, sent: LSN?, at now: PostgresTime) {
        let isFullyApplied = status.apply == sent
        for step in Step.allCases {
            let lsn = status[step]
            let passed = samples.last { $0.lsn <= lsn && $0.lsn > reached[step] ?? .invalid }
            if let time = passed?.time ?? awaited(step, lsn)?.time {
                lags[step] = max(0, now.microseconds - time.microseconds)
            } else if isFullyApplied, wasFullyApplied {
                lags[step] = nil
            }
            reached[step] = max(reached[step] ?? .invalid, lsn)
        }
        wasFullyApplied = isFullyApplied
        let settled = Step.allCases.map { reached[$0] ?? .invalid }.min() ?? .invalid
        samples.removeFirst(samples.prefix { $0.lsn <= settled }.count)
    }

    /// The oldest sample that the replica has not reached: its lag is at least that.
    private func awaited(_ step: Step, _ lsn: LSN) -> Sample? {
        samples.first { $0.lsn > lsn }
    }
}

extension StandbyStatus {
    fileprivate subscript(_ step: SenderProgress.Step) -> LSN {
        switch step {
        case .write: write
        case .flush: flush
        case .apply: apply
        }
    }
}
