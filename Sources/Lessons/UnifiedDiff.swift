/// A difference as `diff -u` shows it: three lines of context, numbered as in the file.
struct UnifiedDiff {
    private static let context = 3

    /// A line of the diff and how far it moves on in the recorded and the printed text.
    private struct Row {
        let mark: Character
        let text: String
        var isChange: Bool { mark != " " }
    }

    private let rows: [Row]
    private let firstLine: Int

    /// - Parameters:
    ///   - before: the lines of the file right above; the last ones of them are shown.
    ///   - after: the lines of the file right below.
    ///   - firstLine: the number of the first line of `before`.
    init(_ alignment: Alignment, before: [String] = [], after: [String] = [], firstLine: Int = 1) {
        rows =
            before.map { Row(mark: " ", text: $0) } + Self.rows(alignment)
            + after.map { Row(mark: " ", text: $0) }
        self.firstLine = firstLine
    }

    /// The hunks, each under its `@@` line.
    var lines: [String] { hunks.flatMap(render) }

    /// What was removed in one place stands above what was inserted there.
    private static func rows(_ alignment: Alignment) -> [Row] {
        var rows: [Row] = []
        var inserted: [Row] = []
        for edit in alignment.edits {
            switch edit {
            case .remove(let line): rows.append(Row(mark: "-", text: line))
            case .insert(let line): inserted.append(Row(mark: "+", text: line))
            case .keep(let line, _):
                rows += inserted + [Row(mark: " ", text: line)]
                inserted = []
            case .absorb:
                rows += inserted + [Row(mark: " ", text: OutputPattern.anyLines)]
                inserted = []
            }
        }
        return rows + inserted
    }

    private var hunks: [Range<Int>] {
        var hunks: [Range<Int>] = []
        for index in rows.indices where rows[index].isChange {
            let start = max(0, index - Self.context)
            let end = min(rows.count, index + Self.context + 1)
            if let last = hunks.last, last.upperBound >= start {
                hunks[hunks.count - 1] = last.lowerBound..<end
            } else {
                hunks.append(start..<end)
            }
        }
        return hunks
    }

    private func render(_ hunk: Range<Int>) -> [String] {
        func count(_ range: Range<Int>, without mark: Character) -> Int {
            rows[range].count { $0.mark != mark }
        }
        func span(_ mark: Character) -> String {
            let length = count(hunk, without: mark)
            let start = firstLine + count(0..<hunk.lowerBound, without: mark)
            return "\(length == 0 ? start - 1 : start),\(length)"
        }
        return ["@@ -\(span("+")) +\(span("-")) @@"]
            + rows[hunk].map { "\($0.mark)\($0.text)" }
    }
}
