/// The time from one event to the next, kept as an exact fraction of nanoseconds: `1s/15` is
/// 1,000,000,000 / 15, not 66,666,667.
///
/// - `nanoseconds` is 0 or more, at the most ``LabDuration/longest``; `divisor` is 1 or more.
/// - Event `i` falls at the same instant however the events before it were rounded.
package struct LabInterval: Hashable, Sendable {
    /// The numerator, in nanoseconds.
    package let nanoseconds: Int64
    /// The denominator: 15 in `1s/15`, else 1.
    package let divisor: Int64

    /// Makes the interval `nanoseconds / divisor`; out-of-range parts are brought to the nearest
    /// limit.
    package init(nanoseconds: Int64, divisor: Int64 = 1) {
        self.nanoseconds = max(0, nanoseconds)
        self.divisor = max(1, divisor)
    }

    /// When event `number` falls, counted from event 0 at time 0: `number * nanoseconds / divisor`,
    /// rounded down to the nanosecond, at the most `Int64.max`.
    package func offset(ofEvent number: Int) -> LabDuration {
        let product = nanoseconds.multipliedFullWidth(by: Int64(max(0, number)))
        guard product.high < divisor else { return LabDuration(nanoseconds: .max) }
        return LabDuration(nanoseconds: divisor.dividingSaturating(product))
    }
}

extension Int64 {
    /// `dividend / self` for a dividend that is not negative, at the most `Int64.max`.
    fileprivate func dividingSaturating(_ dividend: (high: Int64, low: UInt64)) -> Int64 {
        let (quotient, _) = UInt64(self).dividingFullWidth((UInt64(dividend.high), dividend.low))
        return Int64(clamping: quotient)
    }
}
