/// Why a word is not a length of lab time; each case carries the word as typed.
package enum DurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// `66`: a number without a unit.
    case missingUnit(String)
    /// `5sec`: a unit the lab does not know.
    case unknownUnit(String, number: String, unit: String)
    /// `-5ms`: time does not run backwards here.
    case negative(String)
    /// `0.5ns`: below the lab's resolution.
    case tooFine(String)
    /// More than ``LabDuration/longest``.
    case tooLong(String)
    /// `1s/15` where only a whole duration makes sense.
    case fraction(String)
    /// `1s/0` or `1s/x`.
    case badDivisor(String)
    /// Anything else.
    case malformed(String)

    package var description: String { message }

    /// What is wrong, in one line.
    package var message: String {
        switch self {
        case .missingUnit(let word): "the duration \(quoted(word)) has no unit"
        case .unknownUnit(let word, _, let unit):
            "the duration \(quoted(word)) has an unknown unit \(quoted(unit))"
        case .negative(let word): "the duration \(quoted(word)) is negative"
        case .tooFine(let word): "the duration \(quoted(word)) is finer than a nanosecond"
        case .tooLong(let word): "the duration \(quoted(word)) is longer than a year"
        case .fraction(let word): "the duration \(quoted(word)) is a fraction"
        case .badDivisor(let word): "the interval \(quoted(word)) is not divided by a whole number"
        case .malformed(let word): "\(quoted(word)) is not a duration"
        }
    }

    /// What to type instead, in one line.
    package var advice: String {
        switch self {
        case .missingUnit(let word): "write \(word)ms, or \(word)s for seconds"
        case .unknownUnit(_, let number, let unit): Self.advice(number: number, unit: unit)
        case .negative(let word):
            word.dropFirst().isEmpty ? Self.units : "write \(word.dropFirst())"
        case .tooFine: "write 1ns or more"
        case .tooLong: "write 8760h or less"
        case .fraction: "write it out, such as 66.667ms; fractions are for 'load 45 every 1s/15'"
        case .badDivisor: "write a whole number after the slash, from 1 up: 1s/15"
        case .malformed: Self.units
        }
    }

    private static let units = "a number and a unit, such as 800ms, 1.5s, 250us, 2m or 1h"

    private static func advice(number: String, unit: String) -> String {
        let lowered = unit.lowercased()
        let known = ["msec": "ms", "sec": "s", "usec": "us", "µs": "us", "μs": "us", "nsec": "ns"]
        for (start, short) in [("milli", "ms"), ("micro", "us"), ("nano", "ns"), ("min", "m")]
        where lowered.hasPrefix(start) { return "write \(number)\(short)" }
        if let short = known[lowered] { return "write \(number)\(short)" }
        if lowered.hasPrefix("sec") { return "write \(number)s" }
        if lowered.hasPrefix("h") { return "write \(number)h" }
        if LabInterval.unitSizes[lowered] != nil { return "write \(number)\(lowered)" }
        return "use ns, us, ms, s, m or h: \(number)ms"
    }
}
