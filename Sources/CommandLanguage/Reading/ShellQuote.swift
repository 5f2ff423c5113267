/// Writes a text so that the grammar reads it back as one word.
package enum ShellQuote {
    /// `word` as it is when that is safe, else in single quotes, or in double quotes when it holds
    /// a single one.
    package static func quoted(_ word: String) -> String {
        if isPlain(word) { return word }
        guard word.utf8.contains(UInt8(ascii: "'")) else { return "'\(word)'" }
        var text = "\""
        for scalar in word.unicodeScalars {
            if scalar == "\"" || scalar == "\\" { text += "\\" }
            text.unicodeScalars.append(scalar)
        }
        return text + "\""
    }

    private static func isPlain(_ word: String) -> Bool {
        guard let first = word.utf8.first, first != UInt8(ascii: "#"), !word.hasPrefix("--") else {
            return false
        }
        return word.utf8.allSatisfy { byte in
            byte > UInt8(ascii: " ") && byte != 0x7f
                && !Tokenizer.isSpecial(byte)
        }
    }
}
