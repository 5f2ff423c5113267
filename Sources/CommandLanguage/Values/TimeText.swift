internal import JSON

/// Lab time and durations as people read them: fixed rules, no locale, no wall clock.
package enum TimeText {
    /// The lab's first moment within its day: 03:00:00.000, in nanoseconds.
    private static let startOfLab: Int64 = 3 * 3600 * 1_000_000_000
    private static let day: Int64 = 24 * 3600 * 1_000_000_000

    /// A length of time in its natural unit, at most three decimals, rounded half up: `800ms`,
    /// `1.5s`, `66.667ms`, `250us`, `1m 30s`, `2h 5m`, `1d 3h`, `0s`. Negative lengths carry a
    /// minus sign.
    package static func duration(nanoseconds: Int64) -> String {
        guard nanoseconds >= 0 else {
            return "-" + duration(nanoseconds: nanoseconds == .min ? .max : -nanoseconds)
        }
        if nanoseconds == 0 { return "0s" }
        if nanoseconds < 1000 { return "\(nanoseconds)ns" }
        for (unit, size) in [("us", Int64(1000)), ("ms", 1_000_000), ("s", 1_000_000_000)] {
            let thousandths = roundedThousandths(nanoseconds, of: size)
            if thousandths < (unit == "s" ? 60_000 : 1_000_000) {
                return decimal(thousandths: thousandths) + unit
            }
        }
        return longDuration(milliseconds: roundedThousandths(nanoseconds, of: 1_000_000_000))
    }

    /// The same for a command's duration.
    package static func duration(_ duration: LabDuration) -> String {
        Self.duration(nanoseconds: duration.nanoseconds)
    }

    /// An interval as it was typed in spirit: `66ms`, or `1s/15` for a fraction.
    package static func interval(_ interval: LabInterval) -> String {
        let whole = duration(nanoseconds: interval.nanoseconds)
        return interval.divisor == 1 ? whole : "\(whole)/\(interval.divisor)"
    }

    /// An instant, given in nanoseconds since the lab began at 03:00:00.000: `03:00:00.412`, cut
    /// (not rounded) to the millisecond, so that it never names a moment still to come. Later days
    /// read `+1d 00:00:01.000`.
    package static func instant(nanoseconds: Int64) -> String {
        let sinceMidnight = max(0, nanoseconds).addingReportingOverflow(startOfLab)
        let moment = sinceMidnight.overflow ? Int64.max : sinceMidnight.partialValue
        let milliseconds = moment % day / 1_000_000
        let clock = [
            milliseconds / 3_600_000, milliseconds / 60_000 % 60, milliseconds / 1000 % 60,
        ]
        .map { padded($0, to: 2) }.joined(separator: ":")
        let days = moment / day
        return (days == 0 ? "" : "+\(days)d ") + clock + "." + padded(milliseconds % 1000, to: 3)
    }

    private static func roundedThousandths(_ value: Int64, of unit: Int64) -> Int64 {
        let step = unit / 1000
        return value / step + (value % step * 2 >= step ? 1 : 0)
    }

    private static func decimal(thousandths: Int64) -> String {
        JSONValue.decimal(thousandths, scale: 3).encoded
    }

    /// The two largest units of a length of a minute or more.
    private static func longDuration(milliseconds: Int64) -> String {
        let seconds = milliseconds / 1000
        if seconds < 3600 {
            let rest = decimal(thousandths: milliseconds % 60_000)
            return "\(seconds / 60)m" + (rest == "0" ? "" : " \(rest)s")
        }
        let (large, small) = seconds < 86_400 ? ("h", "m") : ("d", "h")
        let size: Int64 = seconds < 86_400 ? 3600 : 86_400
        let rest = seconds % size / (seconds < 86_400 ? 60 : 3600)
        return "\(seconds / size)\(large)" + (rest == 0 ? "" : " \(rest)\(small)")
    }

    private static func padded(_ number: Int64, to width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
