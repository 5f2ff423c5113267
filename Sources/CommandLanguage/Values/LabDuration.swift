/// A length of lab time as a command gives it, exact to the nanosecond, never negative.
///
/// Not a wall-clock duration: nothing sleeps this long.
package struct LabDuration: Hashable, Comparable, Sendable {
    /// Nanoseconds, 0 or more.
    package let nanoseconds: Int64

    /// The longest length a command may give: 365 days.
    package static let longest = LabDuration(nanoseconds: 365 * 24 * 3600 * 1_000_000_000)
    /// No time at all.
    package static let zero = LabDuration(nanoseconds: 0)

    /// Makes a duration; a negative count becomes 0.
    package init(nanoseconds: Int64) {
        self.nanoseconds = max(0, nanoseconds)
    }

    /// Makes a duration of whole milliseconds, at the most ``longest``.
    package init(milliseconds: Int64) {
        let (product, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
        self.init(nanoseconds: overflow ? Self.longest.nanoseconds : product)
    }

    /// Reads `800ms`, `1.5s`, `250us`, `10ns`, `2m`, `1h` or `0`.
    package init(parsing text: String) throws(DurationError) {
        let interval = try LabInterval(parsing: text)
        guard interval.divisor == 1 else { throw .fraction(text) }
        self.init(nanoseconds: interval.nanoseconds)
    }

    /// The same length for Swift's own clocks and arithmetic.
    package var duration: Duration { .nanoseconds(nanoseconds) }

    /// The order of length.
    package static func < (left: LabDuration, right: LabDuration) -> Bool {
        left.nanoseconds < right.nanoseconds
    }
}
