public import WALFormat

/// The lab's calendar: its first moment, 03:00:00.000, is on New Year's Day 2026, UTC.
///
/// COMMIT records and protocol messages carry PostgreSQL's time, microseconds since 2000, and it
/// comes from lab time alone, so that two runs of one journal write the same bytes.
public enum LabTime {
    /// 2026-01-01 03:00:00 UTC.
    public static let start = PostgresTime(microseconds: (9_497 * 86_400 + 3 * 3_600) * 1_000_000)

    /// The instant in PostgreSQL's time, rounded down to the microsecond.
    public static func postgres(_ instant: LabInstant) -> PostgresTime {
        PostgresTime(microseconds: start.microseconds + instant.nanoseconds / 1_000)
    }

    /// The lab's instant of a PostgreSQL time; before the lab began it is the start.
    public static func instant(_ time: PostgresTime) -> LabInstant {
        LabInstant(nanoseconds: max(0, (time.microseconds - start.microseconds) * 1_000))
    }
}
