package import CommandLanguage

/// One fact a task asks for: `role r2 = primary`, `lost = 0`, `time_lag r1 < 100ms`.
///
/// Pure: it holds what was asked and judges what was observed; looking is the runner's part.
///
/// - `=` and `!=` compare bytes. The value `nothing` stands for what has no value.
/// - `<`, `<=`, `>`, `>=` compare whole numbers whose units are the same (`12`, `800ms`); anything
///   else that was observed does not meet the goal.
package struct Goal: Hashable, Sendable, CustomStringConvertible {
    /// How the observed value must stand to the wanted one.
    package enum Comparison: String, Hashable, Sendable, CaseIterable {
        case equal = "="
        case notEqual = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
    }

    /// What to look at: `role r2`.
    package let fact: Fact
    /// How the observed value must stand to `value`.
    package let comparison: Comparison
    /// The wanted value, as written.
    package let value: String

    /// The goal in one line, as the author writes it.
    package var description: String {
        "\(fact) \(comparison.rawValue) \(value)"
    }

    /// Reads `FACT = VALUE` for a lab with these names. The fact ends at the first comparison that
    /// stands alone.
    package init(parsing text: String, in names: ParsingContext) throws(DocumentProblem) {
        let words = text.split(separator: " ").map(String.init)
        guard let sign = words.firstIndex(where: { Comparison(rawValue: $0) != nil }),
            let comparison = Comparison(rawValue: words[sign]), sign > 0, sign + 1 < words.count
        else { throw .badGoal(text) }
        fact = try .named(Array(words[..<sign]), in: names)
        self.comparison = comparison
        value = words[(sign + 1)...].joined(separator: " ")
        guard !comparison.isOrder || Quantity(value) != nil else { throw .badGoal(text) }
    }

    /// Whether a value that was observed (nil: there is none) is what the goal asks for.
    package func isMet(by observed: String?) -> Bool {
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

extension Fact {
    /// The fact that these words ask for.
    static func named(_ words: [String], in names: ParsingContext) throws(DocumentProblem) -> Fact {
        do throws(FactProblem) { return try Fact(words, in: names) } catch { throw .badFact(error) }
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
