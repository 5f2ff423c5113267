/// Numbers of things in words, the same everywhere: plain digits, no separators, no locale.
package enum CountText {
    /// `1 commit`, `3 commits`; `plural` where adding an s is wrong.
    package static func of(_ count: Int, _ noun: String, plural: String? = nil) -> String {
        "\(count) \(count == 1 ? noun : plural ?? noun + "s")"
    }

    /// A byte count, never scaled to kB or MiB, so that gaps can be added up: `1 byte`, `1234
    /// bytes`.
    package static func bytes(_ count: Int) -> String { of(count, "byte") }

    /// `a`, `a and b`, `a, b and c`.
    package static func list(_ words: [String], joinedBy conjunction: String = "and") -> String {
        guard let last = words.last, words.count > 1 else { return words.first ?? "" }
        return words.dropLast().joined(separator: ", ") + " \(conjunction) " + last
    }
}
