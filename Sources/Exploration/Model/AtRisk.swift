/// The member `at_risk` of what `status --json` prints: each replica, and how many commits its
/// promotion would cost.
struct AtRisk {
    private(set) var commits: [String: Int] = [:]

    init(readingStatus text: String) {
        let parts = text.text(after: "\"at_risk\":[")
        for part in parts?.prefix(while: { $0 != "]" }).split(separator: "}") ?? [] {
            guard let name = part.text(after: "\"replica\":\""),
                let count = part.text(after: "\"commits\":")
            else { continue }
            commits[String(name.prefix { $0 != "\"" })] = Int(count.prefix(while: \.isNumber))
        }
    }
}

extension StringProtocol {
    /// What stands behind the first place where the words stand; nil if they do not.
    fileprivate func text(after words: String) -> SubSequence? {
        var rest = self[...]
        while !rest.isEmpty {
            if rest.starts(with: words) { return rest.dropFirst(words.count) }
            rest = rest.dropFirst()
        }
        return nil
    }
}
