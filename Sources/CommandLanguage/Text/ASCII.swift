// Letters and digits of ASCII alone, whatever the locale.

extension String {
    /// Lower case for A to Z alone.
    var asciiLowercased: String {
        String(decoding: utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
    }
}

extension Int64 {
    /// Reads ASCII digits and nothing else; `nil` also when the number does not fit.
    init?(digits text: Substring) {
        guard !text.isEmpty, text.allSatisfy(\.isASCIIDigit) else { return nil }
        self.init(text)
    }
}

extension Character {
    /// `0` to `9`, and no digit of another script.
    var isASCIIDigit: Bool { ("0"..."9").contains(self) && utf8.count == 1 }
}
