/// Simpler ways to write a line, the simplest first: with fewer words, smaller numbers, plainer
/// keys. Whether one still shows the same is for the caller to find out.
enum SimplerLine {
    static func candidates(for line: String) -> [String] {
        let words = line.split(separator: " ").map(String.init)
        guard words.count > 1 else { return [] }
        return withoutWords(words) + withSimplerWord(words)
    }

    /// Without the last word, or without a word and the one behind it (`every 66ms`).
    private static func withoutWords(_ words: [String]) -> [String] {
        var lines: [String] = []
        for index in words.indices.dropFirst() {
            lines.append(joined(words, without: index..<min(index + 2, words.count)))
            lines.append(joined(words, without: index..<index + 1))
        }
        return lines
    }

    private static func joined(_ words: [String], without range: Range<Int>) -> String {
        var rest = words
        rest.removeSubrange(range)
        return rest.joined(separator: " ")
    }

    private static func withSimplerWord(_ words: [String]) -> [String] {
        words.indices.dropFirst().flatMap { index in
            simpler(words[index]).map { word in
                var changed = words
                changed[index] = word
                return changed.joined(separator: " ")
            }
        }
    }

    /// A number that is smaller, with whatever stands before and behind it: `after=137`, `66ms`.
    private static func simpler(_ word: String) -> [String] {
        if word.utf8.count > 40 { return ["1"] }
        guard let start = word.firstIndex(where: \.isWholeNumber),
            !["p", "r", "/"].contains(word[..<start].last ?? " ")
        else { return [] }
        let digits = word[start...].prefix(while: \.isWholeNumber)
        guard let number = Int(digits) else { return [] }
        let rounded = [100, 10].map { number / $0 * $0 }
        return ([0, 1, 2, number / 10, number / 2] + rounded + [number - 1])
            .filter { 0 <= $0 && $0 < number }
            .map { word[..<start] + String($0) + word[digits.endIndex...] }
    }
}
