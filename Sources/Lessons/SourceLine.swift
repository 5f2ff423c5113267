/// One line of a file: its number, counted from 1, and its text without the line end.
struct SourceLine: Hashable, Sendable {
    let number: Int
    let text: String

    /// Cuts a text at its line feeds. A text that ends in one has no line after it, so the lines
    /// joined by line feeds, plus one if the text ended in one, are the text.
    static func lines(of text: String) -> [SourceLine] {
        var pieces = text.utf8.split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if pieces.last?.isEmpty == true { pieces.removeLast() }
        return pieces.enumerated().map { index, piece in
            SourceLine(number: index + 1, text: String(decoding: piece, as: UTF8.self))
        }
    }
}

/// A problem and the line it stands on; the document adds the path.
struct LineError: Error, CustomStringConvertible {
    let line: Int
    let problem: DocumentProblem

    var description: String { "line \(line): \(problem)" }

    init(_ problem: DocumentProblem, on line: SourceLine) {
        self.line = line.number
        self.problem = problem
    }
}

extension String {
    /// Equal byte for byte. `==` also takes two spellings of one accented letter for equal, and a
    /// transcript that prints another spelling has changed.
    func isIdentical(to other: String) -> Bool { utf8.elementsEqual(other.utf8) }

    /// Holds a byte below the blank, or DEL: what a terminal obeys instead of showing.
    var hasControlCharacter: Bool { utf8.contains { $0 < 0x20 || $0 == 0x7F } }

    var hasTrailingSpace: Bool { utf8.last == UInt8(ascii: " ") || utf8.last == UInt8(ascii: "\t") }

    /// The text without the blanks and tabs around it.
    var trimmed: String {
        let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        guard let first = firstIndex(where: { !blank($0) }),
            let last = lastIndex(where: { !blank($0) })
        else { return "" }
        return String(self[first...last])
    }
}
