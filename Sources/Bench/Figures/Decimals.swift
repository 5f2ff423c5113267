internal import CommandLanguage
internal import JSON

extension Double {
    /// The number with a fixed count of decimals, `1.30`; `-` for what is no number.
    func rounded(places: Int) -> String {
        guard let digits = scaled(by: places) else { return "-" }
        let magnitude = String(digits.magnitude)
        let padded = String(repeating: "0", count: max(0, places + 1 - magnitude.count)) + magnitude
        let sign = digits < 0 ? "-" : ""
        guard places > 0 else { return sign + padded }
        return sign + padded.dropLast(places) + "." + padded.suffix(places)
    }

    /// The number as an exact decimal with at most so many places; null for what is no number.
    func json(places: Int) -> JSONValue {
        scaled(by: places).map { .decimal($0, scale: places) } ?? .null
    }

    private func scaled(by places: Int) -> Int64? {
        let power = (0..<places).reduce(1.0) { power, _ in power * 10 }
        return Int64(exactly: (self * power).rounded())
    }
}

extension Int {
    /// The number with its thousands apart, `1,048,576`.
    var grouped: String {
        var text = ""
        let digits = String(magnitude)
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return (self < 0 ? "-" : "") + text
    }
}
