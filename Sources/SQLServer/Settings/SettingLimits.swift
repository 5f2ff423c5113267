/// What a setting counts, and how much of it may be set. PostgreSQL: `unit`, `min_val` and
/// `max_val` of `pg_settings`.
///
/// - A value is a whole number of units within the range: nothing finer can be set, so that no
///   timer fires without end at what is one instant to everybody else.
package struct SettingLimits: Hashable, Sendable {
    package enum Unit: String, Hashable, Sendable {
        case milliseconds = "ms"
        case seconds = "s"
        case megabytes = "MB"
    }

    package let unit: Unit
    package let range: ClosedRange<Int>

    /// Why so many units are not taken, in PostgreSQL's words; nil: they are.
    package func refusal(of count: Int) -> String? {
        guard !range.contains(count) else { return nil }
        return "\(count) \(unit.rawValue) is outside the valid range (\(text))"
    }

    /// `1 .. 600 s`
    package var text: String { "\(range.lowerBound) .. \(range.upperBound) \(unit.rawValue)" }

    func nearest(to count: Int) -> Int {
        min(max(count, range.lowerBound), range.upperBound)
    }
}
