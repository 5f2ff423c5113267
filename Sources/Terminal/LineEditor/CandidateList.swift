import CLineEditor

/// Candidates in columns, read downwards, as shells list them.
enum CandidateList {
    /// More than these are counted, not shown.
    static let limit = 100

    /// The lines to print on a terminal of so many columns.
    static func lines(_ candidates: [String], columns: Int) -> [String] {
        let shown = candidates.prefix(limit).map(printable)
        let cell = (shown.map(width).max() ?? 0) + 2
        let across = max(1, (columns - 1) / cell)
        let rows = (shown.count + across - 1) / across
        var lines = (0..<rows).map { row in
            stride(from: row, to: shown.count, by: rows).map { index in
                let isLast = index + rows >= shown.count
                let padding = isLast ? 0 : cell - width(shown[index])
                return shown[index] + String(repeating: " ", count: padding)
            }.joined()
        }
        if candidates.count > limit { lines.append("... \(candidates.count - limit) more") }
        return lines
    }

    /// The text with a `?` for each control character.
    private static func printable(_ text: String) -> String {
        let scalars = text.unicodeScalars.map { scalar in
            scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) ? "?" : scalar
        }
        return String(String.UnicodeScalarView(scalars))
    }

    /// Cells as this terminal's locale counts them: unlike output of the lab, a list below the
    /// prompt is never compared with anything.
    private static func width(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + Int(cle_cells($1.value)) }
    }
}
