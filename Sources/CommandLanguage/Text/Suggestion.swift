/// Did-you-mean: names that a mistyped word probably stood for.
package enum Suggestion {
    /// Names within two typing slips (one for words under five letters) and names that begin with
    /// the word, nearest first, at most three. Letter case does not count as a slip.
    package static func similar(to word: String, among names: [String]) -> [String] {
        let typed = Array(word.asciiLowercased.unicodeScalars.prefix(longest + 1))
        guard !typed.isEmpty, typed.count <= longest else { return [] }
        let allowed = typed.count < 5 ? 1 : 2
        let ranked = names.enumerated().compactMap { index, name -> (rank: Int, index: Int)? in
            let scalars = Array(name.asciiLowercased.unicodeScalars)
            let slips = distance(typed, scalars, limit: allowed)
            if slips <= allowed, slips < max(typed.count, scalars.count) { return (slips, index) }
            let isBeginning = typed.count >= 2 && scalars.starts(with: typed)
            return isBeginning ? (allowed + 1, index) : nil
        }
        return ranked.sorted { ($0.rank, $0.index) < ($1.rank, $1.index) }.prefix(3).map {
            names[$0.index]
        }
    }

    /// A word longer than this resembles nothing.
    private static let longest = 32

    /// Damerau-Levenshtein distance (optimal string alignment): insertions, deletions,
    /// substitutions and swaps of neighbours. Stops early at `limit + 1`.
    static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar], limit: Int) -> Int {
        guard abs(left.count - right.count) <= limit else { return limit + 1 }
        var beforePrevious: [Int] = []
        var previous = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                let same = left[row] == right[column]
                var best = min(previous[column + 1] + 1, current[column] + 1)
                best = min(best, previous[column] + (same ? 0 : 1))
                if row > 0, column > 0, left[row] == right[column - 1],
                    left[row - 1] == right[column]
                {
                    best = min(best, beforePrevious[column - 1] + 1)
                }
                current.append(best)
            }
            (beforePrevious, previous) = (previous, current)
        }
        return previous[right.count]
    }
}
