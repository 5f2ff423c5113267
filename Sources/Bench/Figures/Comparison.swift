/// One figure over another, and what it should be.
struct Comparison: Hashable, Sendable {
    /// What the ratio has to be to pass.
    enum Target: Hashable, Sendable {
        case atMost(Double)
        case atLeast(Double)
    }

    let name: String
    /// Nil when the second figure was not measured.
    let ratio: Double?
    /// Nil for a ratio that is only looked at.
    let target: Target?

    /// `figure` over `base`, as it is.
    init(_ name: String, _ figure: Double, over base: Double, target: Target? = nil) {
        self.name = name
        self.target = target
        ratio = base > 0 ? figure / base : nil
    }

    /// Whether the target is met; nil without a target or a ratio.
    var isMet: Bool? {
        guard let ratio else { return nil }
        switch target {
        case .atMost(let limit): return ratio <= limit
        case .atLeast(let limit): return ratio >= limit
        case nil: return nil
        }
    }
}

extension Comparison.Target: CustomStringConvertible {
    var description: String {
        switch self {
        case .atMost(let limit): "at most \(limit.rounded(places: 2))"
        case .atLeast(let limit): "at least \(limit.rounded(places: 2))"
        }
    }
}
