/// A decimal number: `unscaled` divided by ten `scale` times. PostgreSQL: `numeric`.
///
/// It is not of unlimited precision: 38 digits carry every LSN difference there can be.
struct SQLNumeric: Hashable, Comparable {
    let unscaled: Int128
    let scale: Int

    init(_ unscaled: Int128, scale: Int = 0) {
        self.unscaled = unscaled
        self.scale = scale
    }

    /// `-1.50`, `2e3`; nil if it is no number or has too many digits.
    init?(_ text: some StringProtocol) {
        let parts = text.lowercased().split(separator: "e", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count) else { return nil }
        let exponent = parts.count == 2 ? Int(parts[1]) : 0
        let halves = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        guard let exponent, abs(exponent) <= 38, (1...2).contains(halves.count) else { return nil }
        let fraction = halves.count == 2 ? halves[1] : ""
        guard fraction.utf8.allSatisfy({ (0x30...0x39).contains($0) }), fraction.count <= 38,
            let digits = Int128(halves[0] + fraction)
        else { return nil }
        let scale = fraction.count - exponent
        guard let value = SQLNumeric(digits, scale: 0).shifted(max(0, -scale)) else { return nil }
        self.init(value, scale: max(0, scale))
    }

    /// `-1.50`: as many decimals as the scale says.
    var text: String {
        let digits = String(unscaled.magnitude)
        let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
        let whole = padded.dropLast(scale)
        let sign = unscaled < 0 ? "-" : ""
        return scale == 0 ? sign + whole : "\(sign)\(whole).\(padded.suffix(scale))"
    }

    /// The nearest whole number, halves away from zero; nil if it does not fit.
    var rounded: Int64? {
        guard let unit = Self.power(scale) else { return unscaled == 0 ? 0 : nil }
        let (quotient, remainder) = unscaled.quotientAndRemainder(dividingBy: unit)
        let isHalf = remainder.magnitude >= unit.magnitude - remainder.magnitude
        return Int64(exactly: isHalf && scale > 0 ? quotient + unscaled.signum() : quotient)
    }

    static func + (left: SQLNumeric, right: SQLNumeric) -> SQLNumeric? {
        combine(left, right) { $0.addingReportingOverflow($1) }
    }

    static func - (left: SQLNumeric, right: SQLNumeric) -> SQLNumeric? {
        combine(left, right) { $0.subtractingReportingOverflow($1) }
    }

    static func * (left: SQLNumeric, right: SQLNumeric) -> SQLNumeric? {
        let (product, overflow) = left.unscaled.multipliedReportingOverflow(by: right.unscaled)
        return overflow ? nil : SQLNumeric(product, scale: left.scale + right.scale)
    }

    static func < (left: SQLNumeric, right: SQLNumeric) -> Bool {
        let scale = max(left.scale, right.scale)
        switch (left.shifted(scale - left.scale), right.shifted(scale - right.scale)) {
        case (let left?, let right?): return left < right
        // One of them is too large to be written with the other's decimals.
        case (nil, _): return left.unscaled < 0
        case (_, nil): return right.unscaled > 0
        }
    }

    private static func combine(
        _ left: SQLNumeric, _ right: SQLNumeric,
        _ operation: (Int128, Int128) -> (partialValue: Int128, overflow: Bool)
    ) -> SQLNumeric? {
        let scale = max(left.scale, right.scale)
        guard let first = left.shifted(scale - left.scale),
            let second = right.shifted(scale - right.scale)
        else { return nil }
        let (result, overflow) = operation(first, second)
        return overflow ? nil : SQLNumeric(result, scale: scale)
    }

    /// The unscaled number with more zeros.
    private func shifted(_ places: Int) -> Int128? {
        guard let unit = Self.power(places) else { return unscaled == 0 ? 0 : nil }
        let (result, overflow) = unscaled.multipliedReportingOverflow(by: unit)
        return overflow ? nil : result
    }

    static func power(_ places: Int) -> Int128? {
        guard places <= 38 else { return nil }
        return (0..<places).reduce(Int128(1)) { power, _ in power * 10 }
    }
}
