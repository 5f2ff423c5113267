import WALFormat

/// A span of time as PostgreSQL keeps it: days apart from the time of day. Months never occur here.
struct SQLInterval: Hashable, Comparable {
    let days: Int32
    let microseconds: Int64

    /// A span in hours, minutes and seconds, however many hours that is.
    init(microseconds: Int64) {
        days = 0
        self.microseconds = microseconds
    }

    /// The span between two instants, in whole days and a rest. PostgreSQL: `timestamp_mi`.
    init(from earlier: PostgresTime, to later: PostgresTime) {
        let (span, overflow) = later.microseconds.subtractingReportingOverflow(earlier.microseconds)
        let clamped = overflow ? (later > earlier ? Int64.max : .min) : span
        days = Int32(clamped / Self.day)
        microseconds = clamped % Self.day
    }

    init(days: Int32, microseconds: Int64) {
        self.days = days
        self.microseconds = microseconds
    }

    private static let day: Int64 = 86_400_000_000

    /// `1 day 02:03:04.5`, `-00:00:00.8`. PostgreSQL: `EncodeInterval`, style `postgres`.
    var text: String {
        let magnitude = microseconds.magnitude
        let seconds = magnitude / 1_000_000
        let clock =
            (seconds / 3600).padded + ":" + (seconds / 60 % 60).padded + ":" + (seconds % 60).padded
            + SQLClock.fraction(magnitude % 1_000_000)
        // After negative days, a positive time says so.
        let sign = microseconds < 0 ? "-" : days < 0 && microseconds > 0 ? "+" : ""
        guard days != 0 else { return sign + clock }
        let dayText = "\(days) day" + (days == 1 ? "" : "s")
        return microseconds == 0 ? dayText : "\(dayText) \(sign)\(clock)"
    }

    /// In seconds, with six decimals.
    var epoch: SQLNumeric { SQLNumeric(total, scale: 6) }

    private var total: Int128 { Int128(days) * Int128(Self.day) + Int128(microseconds) }

    static func < (left: SQLInterval, right: SQLInterval) -> Bool { left.total < right.total }
}

/// Instants as texts: ISO dates, UTC.
enum SQLClock {
    /// `2026-01-01 03:00:00.8+00`
    static func text(_ time: PostgresTime) -> String {
        let day: Int64 = 86_400_000_000
        let date = Int((time.microseconds - time.microseconds.modulo(day)) / day)
        let rest = UInt64(time.microseconds.modulo(day))
        let seconds = rest / 1_000_000
        let clock =
            (seconds / 3600).padded + ":" + (seconds / 60 % 60).padded + ":" + (seconds % 60).padded
        return "\(civil(date)) \(clock)\(fraction(rest % 1_000_000))+00"
    }

    /// `.8`: no more digits than it takes.
    static func fraction(_ microseconds: UInt64) -> String {
        guard microseconds > 0 else { return "" }
        let digits = String(repeating: "0", count: 6 - "\(microseconds)".count) + "\(microseconds)"
        return "." + digits.reversed().drop { $0 == "0" }.reversed().map(String.init).joined()
    }

    /// The date this many days after 2000-01-01, by eras of 400 years that begin on 1 March.
    private static func civil(_ days: Int) -> String {
        let shifted = days + 730_425
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        let isNextYear = month >= 10
        let year = yearOfEra + era * 400 + (isNextYear ? 1 : 0)
        let number = UInt64(isNextYear ? month - 9 : month + 3)
        return "\(year)-\(number.padded)-\(UInt64(day).padded)"
    }
}

extension UInt64 {
    /// At least two digits.
    fileprivate var padded: String { self < 10 ? "0\(self)" : "\(self)" }
}

extension Int64 {
    fileprivate func modulo(_ divisor: Int64) -> Int64 {
        let remainder = self % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }
}
