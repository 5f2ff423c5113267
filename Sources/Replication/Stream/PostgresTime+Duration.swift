import WALFormat

extension PostgresTime {
    /// The instant `duration` later, rounded down to the microsecond; beyond the ends of time
    /// there is nothing.
    func advanced(by duration: Duration) -> PostgresTime {
        let (seconds, attoseconds) = duration.components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (span, carried) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        let (sum, ended) = microseconds.addingReportingOverflow(span)
        guard !overflow, !carried, !ended else {
            return PostgresTime(microseconds: seconds < 0 ? .min : .max)
        }
        return PostgresTime(microseconds: sum)
    }

    /// Becomes so many microseconds later, unless it was before `start`.
    mutating func postpone(by span: Int64, since start: PostgresTime) {
        guard self >= start else { return }
        self = PostgresTime(microseconds: microseconds + span)
    }
}
