/// The little colour there is at the prompt. Looks only: every line says the same without it.
struct Highlighting {
    let isOn: Bool

    private static let bold = "\u{1b}[1m"
    private static let boldRed = "\u{1b}[1;31m"
    private static let plain = "\u{1b}[0m"

    /// The line as the terminal is to show it.
    func shown(_ line: String) -> String {
        guard isOn else { return line }
        for (word, style) in [("error:", Self.boldRed), ("try:", Self.bold)]
        where line.hasPrefix(word) {
            return style + word + Self.plain + line.dropFirst(word.count)
        }
        return Self.tellsOfLoss(line) ? Self.bold + line + Self.plain : line
    }

    /// `3 acknowledged commits are lost:` and `lost 3 of 12 acknowledged commits, …`.
    private static func tellsOfLoss(_ line: String) -> Bool {
        let count = line.hasPrefix("lost ") ? line.dropFirst(5).first : nil
        return line.hasSuffix(" lost:") || count?.isNumber == true
    }
}
