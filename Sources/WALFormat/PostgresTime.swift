/// An instant as PostgreSQL stores it: microseconds since 2000-01-01 00:00 UTC.
/// PostgreSQL: `TimestampTz`. The lab fills it from its own clock, never from the wall's.
public struct PostgresTime: Hashable, Comparable, Sendable {
    /// Microseconds since 2000-01-01 00:00 UTC.
    public let microseconds: Int64

    /// The instant this many microseconds after 2000-01-01 00:00 UTC.
    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    /// Whether `left` is earlier.
    public static func < (left: PostgresTime, right: PostgresTime) -> Bool {
        left.microseconds < right.microseconds
    }
}
