/// One line of recorded output, as an author may shorten it.
///
/// - A line that is `...` stands for any lines, also for none.
/// - `[..]` stands for any characters of one line, also for none.
/// - Every other line stands for itself, byte for byte.
struct OutputPattern: Hashable, Sendable {
    static let anyLines = "..."
    static let anyCharacters = "[..]"

    let text: String
    /// Takes `...` and `[..]` for themselves.
    var isLiteral = false

    var isAnyLines: Bool { !isLiteral && text == Self.anyLines }
    var isElided: Bool {
        isAnyLines || (!isLiteral && text.firstRange(of: Self.anyCharacters) != nil)
    }

    /// Whether the pattern stands for this line. Never true for `...`, which stands for lines.
    func matches(_ line: String) -> Bool {
        if isAnyLines { return false }
        guard isElided else { return text.isIdentical(to: line) }
        let pieces = Array(text.utf8).split(by: Array(Self.anyCharacters.utf8))
        guard let head = pieces.first, let tail = pieces.last else { return false }
        var rest = Array(line.utf8)[...]
        guard rest.count >= head.count + tail.count, rest.starts(with: head),
            rest.reversed().starts(with: tail.reversed())
        else { return false }
        rest = rest.dropFirst(head.count).dropLast(tail.count)
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            guard let found = rest.firstRange(of: piece) else { return false }
            rest = rest[found.upperBound...]
        }
        return true
    }
}

extension Array where Element == UInt8 {
    /// The pieces between the separators: one more than there are separators.
    fileprivate func split(by separator: [UInt8]) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = self[...]
        while let found = rest.firstRange(of: separator) {
            pieces.append(Array(rest[..<found.lowerBound]))
            rest = rest[found.upperBound...]
        }
        return pieces + [Array(rest)]
    }
}
