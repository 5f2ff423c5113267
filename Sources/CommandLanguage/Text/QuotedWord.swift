/// `word` in quotes for a message: escaped for display and never longer than a line can bear.
func quoted(_ word: String) -> String {
    let limit = 40
    let shown =
        word.unicodeScalars.count > limit ? String(word.unicodeScalars.prefix(limit)) + "..." : word
    return "'\(DisplayWidth.escaped(shown))'"
}
