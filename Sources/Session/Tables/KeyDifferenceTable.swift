internal import Cluster
internal import CommandLanguage
internal import JSON

/// The keys that two nodes do not agree on, side by side: `diff p r1 --keys`.
struct KeyDifferenceTable {
    let comparison: KeyComparison
    let names: [String]

    var lines: [String] {
        let equal = CountText.of(comparison.equalCount, "key")
        guard !comparison.differences.isEmpty else {
            return ["\(names[0]) and \(names[1]) have the same: \(equal)"]
        }
        let rows = comparison.differences.lazy.map { row in
            [Words.quoted(row.key, limit: 20)]
                + [row.left, row.right].map {
                    $0.map { Words.quoted($0, limit: 24) } ?? "(none)"
                }
        }
        let count = CountText.of(comparison.differences.count, "key")
        let differ = Words.verb(comparison.differences.count, "differs", "differ")
        let areEqual = Words.verb(comparison.equalCount, "is equal", "are equal")
        return TextTable.shortened([.text("key")] + names.map { .text($0) }, rows)
            + [
                "\(count) \(differ), \(equal) \(areEqual)"
            ]
    }

    var json: JSONValue {
        [
            "nodes": .array(names.map { .string($0) }), "equal": .int(comparison.equalCount),
            "keys": .array(
                comparison.differences.map {
                    [
                        "key": .string($0.key),
                        "values": .array([.optional($0.left), .optional($0.right)]),
                    ]
                }),
        ]
    }
}
