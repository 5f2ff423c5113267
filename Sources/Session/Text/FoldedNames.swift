/// Many rows that say the same are told of in one line: a table of twenty healthy replicas hides
/// the one that is not.
enum FoldedNames {
    /// So many rows are shown whatever they say.
    static let limit = 8

    /// The rows to show, and the names of the others, in order.
    ///
    /// - Parameter name: a row's name if it can be folded.
    static func split<Row>(
        _ rows: [Row], foldable name: (Row) -> String?
    ) -> (shown: [Row], folded: [String]) {
        let folded = rows.compactMap(name)
        guard rows.count > limit, folded.count > 1 else { return (rows, []) }
        return (rows.filter { name($0) == nil }, folded)
    }

    /// `r1`, `r3 to r9`, `r12`: names whose numbers follow each other are a range.
    static func ranges(_ names: [String]) -> [String] {
        var ranges: [[String]] = []
        for name in names {
            if let last = ranges.last?.last, follows(name, last) {
                ranges[ranges.count - 1].append(name)
            } else {
                ranges.append([name])
            }
        }
        return ranges.flatMap { range in
            range.count > 2 ? ["\(range[0]) to \(range[range.count - 1])"] : range
        }
    }

    private static func follows(_ name: String, _ before: String) -> Bool {
        guard let letter = name.first, letter == before.first, let number = Int(name.dropFirst()),
            let last = Int(before.dropFirst())
        else { return false }
        return number == last + 1
    }
}
