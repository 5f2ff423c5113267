/// Rows of text brought into columns, for terminals and transcripts.
///
/// - Cells are measured in terminal cells by ``DisplayWidth``, never by the locale.
/// - No line ends in spaces. Cells must be escaped for display already.
package struct TextTable: Hashable, Sendable {
    /// How a column is aligned.
    package enum Alignment: Hashable, Sendable {
        /// Text.
        case left
        /// Numbers.
        case right
    }

    /// One column's heading and alignment.
    package struct Column: Hashable, Sendable {
        /// The heading; empty for none.
        package let title: String
        /// The alignment of heading and cells.
        package let alignment: Alignment

        /// A column of text.
        package static func text(_ title: String) -> Column {
            Column(title: title, alignment: .left)
        }
        /// A column of numbers, aligned right.
        package static func number(_ title: String) -> Column {
            Column(title: title, alignment: .right)
        }
    }

    /// The columns, left to right.
    package let columns: [Column]
    /// The rows; a short row ends in empty cells, cells past the last column are not shown.
    package private(set) var rows: [[String]] = []

    /// Makes an empty table.
    package init(_ columns: [Column]) {
        self.columns = columns
    }

    /// Adds a row.
    package mutating func append(_ row: [String]) {
        rows.append(row)
    }

    /// The heading line (unless every title is empty) and a line for each row, two spaces between
    /// columns.
    package var lines: [String] {
        let titles = columns.map(\.title)
        let shown = titles.allSatisfy(\.isEmpty) ? rows : [titles] + rows
        let widths = columns.indices.map { column in
            shown.map { column < $0.count ? DisplayWidth.of($0[column]) : 0 }.max() ?? 0
        }
        return shown.map { line($0, widths: widths) }
    }

    private func line(_ row: [String], widths: [Int]) -> String {
        var text = ""
        for (index, column) in columns.enumerated() {
            let cell = index < row.count ? row[index] : ""
            let padding = String(repeating: " ", count: widths[index] - DisplayWidth.of(cell))
            text += index == 0 ? "" : "  "
            text += column.alignment == .left ? cell + padding : padding + cell
        }
        return text.trimmingTrailingSpaces
    }
}

extension String {
    /// The text without the spaces at its end.
    var trimmingTrailingSpaces: String {
        var bytes = utf8[...]
        while bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
        return String(Substring(bytes))
    }
}
