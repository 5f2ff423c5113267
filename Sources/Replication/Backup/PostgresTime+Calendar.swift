import WALFormat

extension PostgresTime {
    /// Whole seconds since 1970, 0 for what was before.
    var unixSeconds: UInt64 {
        let (seconds, overflow) = (microseconds / 1_000_000).addingReportingOverflow(946_684_800)
        return overflow || seconds < 0 ? 0 : UInt64(seconds)
    }

    /// `2026-01-01 03:00:00 GMT`, as backup labels and manifests have it.
    var gmtText: String {
        let seconds = microseconds.dividedRoundingDown(by: 1_000_000)
        let day = seconds.dividedRoundingDown(by: 86_400)
        let second = seconds - day * 86_400
        let clock = [second / 3600, second / 60 % 60, second % 60].map { Self.twoDigits($0) }
        return Self.date(daysSince2000: day) + " " + clock.joined(separator: ":") + " GMT"
    }

    /// The Gregorian date. Counted from a 1 March, so that the leap day comes last in its year, in
    /// eras of 400 years, which all have 146,097 days.
    private static func date(daysSince2000: Int64) -> String {
        let days = daysSince2000 - 60
        let era = days.dividedRoundingDown(by: 146_097)
        let day = days - era * 146_097
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
        let dayOfYear = day - (365 * year + year / 4 - year / 100)
        let month = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * month + 2) / 5 + 1
        let calendarYear = 2000 + era * 400 + year + (month >= 10 ? 1 : 0)
        let text = String(calendarYear)
        let zeros = String(repeating: "0", count: max(0, 4 - text.utf8.count))
        let calendarMonth = month < 10 ? month + 3 : month - 9
        return [zeros + text, twoDigits(calendarMonth), twoDigits(dayOfMonth)]
            .joined(separator: "-")
    }

    private static func twoDigits(_ number: Int64) -> String {
        (number < 10 ? "0" : "") + String(number)
    }
}

extension Int64 {
    /// The quotient rounded towards the past.
    fileprivate func dividedRoundingDown(by divisor: Int64) -> Int64 {
        self / divisor - (self % divisor < 0 ? 1 : 0)
    }
}
