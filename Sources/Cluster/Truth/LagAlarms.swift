import LabClock

/// Which replicas are too far behind, and when the next one will be. Pure: it is told how far each
/// is, and says what is new.
///
/// - An alarm is raised once, at the instant at which a limit is crossed, and is over when the
///   replica is below every limit.
/// - A replica that nothing is known of (it is down, or stands elsewhere) has none.
struct LagAlarms: Hashable {
    /// How far a replica is behind.
    struct Reading: Hashable {
        /// When the oldest commit was made that it has not replayed; nil: all are, or nobody knows.
        let since: LabInstant?
        /// Bytes that it has not replayed.
        let byteCount: Int
        /// The end of the log that it is behind.
        var logEnd = 0
    }

    /// What is new of a replica.
    enum News: Hashable {
        case raised(LagAlarm.Limit)
        case over
    }

    var limits = LagLimits()
    private var raised: Set<String> = []

    /// How far each replica is behind at `now`; gives what is new, by name.
    mutating func look(
        at readings: [String: Reading], now: LabInstant
    ) -> [(name: String, news: News)] {
        raised.formIntersection(readings.keys)
        return readings.sorted { $0.key < $1.key }.compactMap { name, reading in
            let crossed = crossed(reading, now)
            guard (crossed != nil) != raised.contains(name) else { return nil }
            if let crossed {
                raised.insert(name)
                return (name, .raised(crossed))
            }
            raised.remove(name)
            return (name, .over)
        }
    }

    /// When the next limit is crossed if nothing else happens; nil: none will be.
    func nextDue(_ readings: [String: Reading]) -> LabInstant? {
        guard limits.time > .zero else { return nil }
        return readings.filter { !raised.contains($0.key) }
            .compactMap { $0.value.since?.advanced(by: limits.time) }.min()
    }

    private func crossed(_ reading: Reading, _ now: LabInstant) -> LagAlarm.Limit? {
        if limits.time > .zero, let since = reading.since, now.since(since) >= limits.time {
            return .time(limits.time)
        }
        if limits.byteCount > 0, reading.byteCount >= limits.byteCount {
            return .bytes(limits.byteCount)
        }
        return nil
    }
}
