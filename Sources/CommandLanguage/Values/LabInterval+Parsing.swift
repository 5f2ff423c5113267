extension LabInterval {
    /// Nanoseconds in each unit of the grammar.
    static let unitSizes: [String: Int64] = [
        "ns": 1, "us": 1000, "ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000,
        "h": 3_600_000_000_000,
    ]

    /// The largest divisor: no event train needs more, and sums of two fractions stay exact.
    static let largestDivisor: Int64 = 1_000_000_000

    /// Reads what ``LabDuration/init(parsing:)`` reads, and fractions such as `1s/15`.
    package init(parsing text: String) throws(DurationError) {
        if text.utf8.first == UInt8(ascii: "-") { throw .negative(text) }
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let nanoseconds = try Self.wholeNanoseconds(parts[0], in: text)
        guard parts.count == 2 else {
            self.init(nanoseconds: nanoseconds)
            return
        }
        guard let divisor = Int64(digits: parts[1]), (1...Self.largestDivisor).contains(divisor)
        else {
            throw .badDivisor(text)
        }
        self.init(nanoseconds: nanoseconds, divisor: divisor)
    }

    private static func wholeNanoseconds(
        _ part: Substring, in text: String
    ) throws(DurationError) -> Int64 {
        let number = part.prefix { $0.isASCIIDigit || $0 == "." }
        let unit = String(part[number.endIndex...])
        let pieces = number.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(pieces.count), pieces.allSatisfy({ !$0.isEmpty }) else {
            throw .malformed(text)
        }
        guard !unit.isEmpty else {
            if text == "0" { return 0 }
            throw .missingUnit(text)
        }
        guard let size = unitSizes[unit] else {
            throw .unknownUnit(text, number: String(number), unit: unit)
        }
        let fraction = pieces.count == 2 ? pieces[1] : ""
        return try scaled(whole: pieces[0], fraction: fraction, by: size, in: text)
    }

    /// `whole.fraction` times `size`, exactly, or an error.
    private static func scaled(
        whole: Substring, fraction: Substring, by size: Int64, in text: String
    ) throws(DurationError) -> Int64 {
        guard let count = Int64(digits: whole) else { throw .tooLong(text) }
        var (sum, overflow) = count.multipliedReportingOverflow(by: size)
        if overflow || sum > LabDuration.longest.nanoseconds { throw .tooLong(text) }
        // Decimal long division: the place value is size / 10^n; it must divide out before it is
        // used.
        var remainder: (value: Int64, divisor: Int64) = (0, 1)
        for digit in fraction.utf8.reversed().drop(while: { $0 == UInt8(ascii: "0") }).reversed() {
            guard remainder.divisor < 1_000_000_000_000_000 else { throw .tooFine(text) }
            remainder.value = remainder.value * 10 + Int64(digit - UInt8(ascii: "0"))
            remainder.divisor *= 10
        }
        let product = remainder.value.multipliedFullWidth(by: size)
        let (quotient, rest) = remainder.divisor.dividingFullWidth(product)
        guard rest == 0 else { throw .tooFine(text) }
        (sum, overflow) = sum.addingReportingOverflow(quotient)
        guard !overflow, sum <= LabDuration.longest.nanoseconds else { throw .tooLong(text) }
        return sum
    }
}
