public import WALFormat
import WireProtocol

// All that a machine remembers of time, made later: a machine that stands as it did a while ago,
// but for that, has gone round, and can be moved on by rounds without going each of them. What
// happened before it was looked at (the last report of a stream that has broken, say) stays.

extension WALReceiver {
    /// Makes everything that has happened since then, and all that is due, so many
    /// microseconds later.
    public mutating func postpone(by span: Int64, since start: PostgresTime) {
        now.postpone(by: span, since: start)
        silence.postpone(by: span, since: start)
        lastReport?.sentAt.postpone(by: span, since: start)
        upstreamWord?.sentAt.postpone(by: span, since: start)
        guard case .waiting(var until) = phase else { return }
        until.postpone(by: span, since: start)
        phase = .waiting(until: until)
    }

    /// When it last heard of anything.
    public var lastEvent: PostgresTime { now }
}

extension LagTracker {
    /// See `WALReceiver.postpone`. When the log ended where stays as it was: a report that repeats
    /// itself tells of a lag that grows.
    public mutating func postpone(by span: Int64, since start: PostgresTime) {
        let before = readings
        readings = PerStep { step in
            var reading = before[step]
            reading?.reported.postpone(by: span, since: start)
            return reading
        }
    }
}

extension WALSender {
    mutating func postpone(by span: Int64, since start: PostgresTime) {
        silence.postpone(by: span, since: start)
        reported?.sentAt.postpone(by: span, since: start)
    }
}
