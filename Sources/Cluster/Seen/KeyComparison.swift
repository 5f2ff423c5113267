/// Two nodes' tables held against each other by key, as their readers see them.
package struct KeyComparison: Hashable, Sendable {
    /// One key that is not the same; nil: the node has no such row.
    package struct Difference: Hashable, Sendable {
        package let key: String
        package let left: String?
        package let right: String?
    }

    /// In the order of the keys' bytes.
    package let differences: [Difference]
    /// Keys with the same value on both.
    package let equalCount: Int

    /// Both are in the order of the keys' bytes.
    init(_ left: [(key: String, value: String)], _ right: [(key: String, value: String)]) {
        var differences: [Difference] = []
        var equalCount = 0
        var (i, j) = (0, 0)
        while i < left.count || j < right.count {
            let isLeft = i < left.count && (j == right.count || !right[j].key.precedes(left[i].key))
            let isRight =
                j < right.count && (i == left.count || !left[i].key.precedes(right[j].key))
            let (one, other) = (isLeft ? left[i].value : nil, isRight ? right[j].value : nil)
            if one == other {
                equalCount += 1
            } else {
                let key = isLeft ? left[i].key : right[j].key
                differences.append(Difference(key: key, left: one, right: other))
            }
            i += isLeft ? 1 : 0
            j += isRight ? 1 : 0
        }
        self.differences = differences
        self.equalCount = equalCount
    }
}

extension String {
    /// In the order of the bytes, as a table's rows are.
    fileprivate func precedes(_ other: String) -> Bool {
        utf8.lexicographicallyPrecedes(other.utf8)
    }
}
