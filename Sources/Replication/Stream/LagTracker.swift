public import WALFormat
public import WireProtocol

/// What a WAL sender knows of time: how long ago what its replica reports had been its own log's
/// end. Pure. PostgreSQL: `LagTracker` and `ProcessStandbyReplyMessage` in `walsender.c`.
///
/// - All times are the sender's own; the replica's clock is never asked.
/// - It knows only what was reported: WAL that is on its way, or a replica that is silent, leaves
///   the last figures as they were, however old they are.
/// - Samples are bounded in number; when there are too many, the newest is moved on.
public struct LagTracker: Hashable, Sendable {
    /// The log ended here at this time.
    private struct Sample: Hashable {
        let lsn: LSN
        let time: PostgresTime
    }

    /// How far the reports of one step have come.
    private struct Reader: Hashable {
        /// The number of the first sample that was not reached.
        var next = 0
        /// The last one that was reached; nil when all were.
        var last: Sample?
    }

    /// What a report said of one step.
    struct Reading: Hashable {
        /// When the log had ended where the step was.
        let ended: PostgresTime
        var reported: PostgresTime
    }

    /// PostgreSQL: `LAG_TRACKER_BUFFER_SIZE`.
    public static let maximumSampleCount = 8192

    /// None before the first report, and none when nothing happens any more.
    var readings = PerStep<Reading?> { _ in nil }
    /// Those that some step has not reached, oldest first.
    private var samples: [Sample] = []
    /// The number of the first of them.
    private var firstNumber = 0
    private var readers = Array(repeating: Reader(), count: ReplicaStep.allCases.count)
    private var lastLSN = LSN.invalid
    private var wasFullyApplied = false

    /// A sender that has sent nothing.
    public init() {}

    /// The lag of each step when it was reported, in microseconds; nil: there is nothing to say.
    public var lags: PerStep<Int64?> {
        PerStep { step in
            readings[step].map { $0.reported.microseconds - $0.ended.microseconds }
        }
    }

    /// How many samples are kept.
    public var sampleCount: Int { samples.count }

    /// WAL is sent at `now`, of a log that is durable up to `end`. PostgreSQL: `LagTrackerWrite`.
    public mutating func sent(logEnd end: LSN, at now: PostgresTime) {
        guard end != lastLSN else { return }
        lastLSN = end
        if samples.count == Self.maximumSampleCount { samples.removeLast() }
        samples.append(Sample(lsn: end, time: now))
    }

    /// The replica reported, when WAL had been sent up to `sent`. Twice in a row that it has
    /// applied everything means that nothing happens any more: then old lags are forgotten.
    public mutating func replied(_ status: StandbyStatus, sent: LSN?, at now: PostgresTime) {
        let isFullyApplied = status.apply == sent
        let isIdle = isFullyApplied && wasFullyApplied
        wasFullyApplied = isFullyApplied
        let before = readings
        readings = PerStep { step in
            let reading = read(step, upTo: status[step], at: now)
            return reading ?? (isIdle ? nil : before[step])
        }
        forgetReached()
    }

    /// When the log ended where this step is now; nil: nobody can say. PostgreSQL:
    /// `LagTrackerRead`.
    private mutating func read(
        _ step: ReplicaStep, upTo lsn: LSN, at now: PostgresTime
    ) -> Reading? {
        var reader = readers[step.rawValue]
        defer { readers[step.rawValue] = reader }
        var passed: PostgresTime?
        while let sample = sample(reader.next), sample.lsn <= lsn {
            passed = sample.time
            reader.last = sample
            reader.next += 1
        }
        let ahead = sample(reader.next)
        // It has reached all there is: the last sample would mislead when WAL flows again.
        if ahead == nil { reader.last = nil }
        guard let time = passed ?? ahead.flatMap({ between(reader.last, and: $0, lsn) }),
            time <= now
        else { return nil }
        return Reading(ended: time, reported: now)
    }

    /// When the log ended at `lsn`, which lies between two samples; before the first there is, the
    /// time of that one: its lag is at least so long.
    private func between(_ last: Sample?, and next: Sample, _ lsn: LSN) -> PostgresTime? {
        guard let last else { return next.time }
        guard lsn >= last.lsn, last.time <= next.time else { return nil }
        let share = Double(lsn - last.lsn) / Double(next.lsn - last.lsn)
        let span = Double(next.time.microseconds - last.time.microseconds)
        return PostgresTime(microseconds: last.time.microseconds + Int64(span * share))
    }

    private func sample(_ number: Int) -> Sample? {
        let place = number - firstNumber
        return samples.indices.contains(place) ? samples[place] : nil
    }

    private mutating func forgetReached() {
        let oldest = readers.map(\.next).min() ?? firstNumber
        samples.removeFirst(oldest - firstNumber)
        firstNumber = oldest
        // Numbers say nothing once there is none: two idle senders are alike.
        guard samples.isEmpty else { return }
        firstNumber = 0
        readers = readers.map { Reader(last: $0.last) }
    }
}

extension StandbyStatus {
    fileprivate subscript(_ step: ReplicaStep) -> LSN {
        switch step {
        case .write: write
        case .flush: flush
        case .replay: apply
        }
    }
}
