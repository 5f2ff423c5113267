internal import CommandLanguage

extension TextTable {
    /// A longer table is cut in the middle.
    private static let longest = 20
    /// So many rows stay on either side of the cut.
    private static let shownPerSide = 10

    /// The lines of a table of these rows; of a long one the first and the last, and how many are
    /// between.
    static func shortened(
        _ columns: [Column], _ rows: some BidirectionalCollection<[String]>
    ) -> [String] {
        var table = TextTable(columns)
        let count = rows.count
        guard count > longest else {
            for row in rows { table.append(row) }
            return table.lines
        }
        for row in rows.prefix(shownPerSide) { table.append(row) }
        for row in rows.suffix(shownPerSide) { table.append(row) }
        var lines = table.lines
        lines.insert("... \(count - 2 * shownPerSide) more ...", at: 1 + shownPerSide)
        return lines
    }
}
