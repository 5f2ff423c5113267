/// One fact a task asks for: `role r2 = primary`, `lost = 0`, `lag r1 < 100ms`.
///
/// Pure: it holds what was asked and judges what was observed; looking is the runner's part.
///
/// - `=` and `!=` compare bytes. The value `nothing` stands for what has no value.
/// - `<`, `<=`, `>`, `>=` compare whole numbers whose units are the same (`12`, `800ms`); anything
///   else that was observed does not meet the goal.
public struct Goal: Hashable, Sendable, CustomStringConvertible {
    /// How the observed value must stand to the wanted one.
    public enum Comparison: String, Hashable, Sendable, CaseIterable {
        case equal = "="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
    }

    /// What to observe, word by word: `["role", "r2"]`.
    public let subject: [String]
    /// How the observed value must stand to `value`.
    public let comparison: Comparison
    /// The wanted value, as written.
    public let value: String

    /// The goal in one line, as the author writes it.
    public var description: String {
        (subject + [comparison.rawValue, value]).joined(separator: " ")
    }

    /// Reads `SUBJECT = VALUE`. The subject ends at the first comparison that stands alone.
    public init(parsing text: String) throws(DocumentProblem) {
        let words = text.split(separator: " ").map(String.init)
        guard let sign = words.firstIndex(where: { Comparison(rawValue: $0) != nil }),
            let comparison = Comparison(rawValue: words[sign]), sign > 0, sign + 1 < words.count
        else { throw .badGoal(text) }
        self.init(
            subject: Array(words[..<sign]), comparison: comparison,
            value: words[(sign + 1)...].joined(separator: " "))
        guard !comparison.isOrder || Quantity(value) != nil else { throw .badGoal(text) }
    }

    private init(subject: [String], comparison: Comparison, value: String) {
        self.subject = subject
        self.comparison = comparison
        self.value = value
    }

    /// Whether a value that was observed (nil: there is none) is what the goal asks for.
    public func isMet(by observed: String?) -> Bool {
        switch comparison {
        case .equal: return same(observed)
        case .notEqual: return !same(observed)
        case .less, .lessOrEqual, .greater, .greaterOrEqual: break
        }
        guard let have = observed.flatMap({ Quantity($0) }), let want = Quantity(value),
            have.unit.isIdentical(to: want.unit)
        else { return false }
        return comparison.holds(have.number, want.number)
    }

    private func same(_ observed: String?) -> Bool {
        (observed ?? "nothing").isIdentical(to: value)
    }
}

extension Goal.Comparison {
    var isOrder: Bool { self != .equal && self != .notEqual }

    func holds(_ left: Int, _ right: Int) -> Bool {
        switch self {
        case .equal: left == right
        case .notEqual: left != right
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        }
    }
}

/// A whole number and the unit behind it: `12`, `-3`, `800ms`.
private struct Quantity {
    let number: Int
    let unit: String

    init?(_ text: String) {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == "-") }
        let unit = text.dropFirst(digits.count)
        guard let number = Int(digits), unit.allSatisfy({ $0.isLetter || $0 == "%" }) else {
            return nil
        }
        self.number = number
        self.unit = String(unit)
    }
}
