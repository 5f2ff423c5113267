/// Splits a line into commands and words, as a shell would.
///
/// - Spaces, tabs and carriage returns separate words; `;` and line ends separate commands.
/// - `'…'` is literal; in `"…"` a backslash keeps `"` and `\`; elsewhere a backslash keeps any
///   character.
/// - `#` at the beginning of a word starts a comment that lasts to the line's end.
/// - No variables, no globs, no escapes such as `\n`.
///
/// It never fails half-way: completion needs the words of a line that is still being typed, so what
/// is wrong is reported beside the words.
struct Tokenizer {
    /// The commands of the line, without empty ones.
    private(set) var statements: [[Word]] = []
    /// What is wrong, if anything; the words before it are still good.
    private(set) var fault: Fault?
    /// Whether the line's end is inside a word (of which the last statement's last word is the
    /// beginning).
    private(set) var endsInsideWord = false
    /// Whether the line's end is inside a comment.
    private(set) var endsInsideComment = false
    /// Whether the line's end begins a new command.
    private(set) var endsBetweenCommands = true

    private let bytes: [UInt8]
    private var at = 0

    init(_ line: String) {
        bytes = Array(line.utf8)
        scan()
    }

    /// Whether a byte means something else than itself in a bare word.
    static func isSpecial(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: ";"): true
        default: isBlank(byte) || byte == UInt8(ascii: "\n")
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }

    private mutating func scan() {
        var words: [Word] = []
        while fault == nil, at < bytes.count {
            switch bytes[at] {
            case let byte where Self.isBlank(byte): at += 1
            case UInt8(ascii: ";"), UInt8(ascii: "\n"):
                finish(&words)
                at += 1
            case UInt8(ascii: "#"):
                skipComment()
            default: words.append(takeWord())
            }
        }
        endsBetweenCommands = words.isEmpty
        finish(&words)
    }

    private mutating func finish(_ words: inout [Word]) {
        if !words.isEmpty { statements.append(words) }
        words = []
    }

    private mutating func skipComment() {
        while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { at += 1 }
        endsInsideComment = at == bytes.count
    }

    private mutating func takeWord() -> Word {
        let start = at
        var text: [UInt8] = []
        scanning: while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "'"), UInt8(ascii: "\""): takeQuoted(into: &text)
            case UInt8(ascii: "\\"): takeEscaped(into: &text)
            case let byte where Self.isSpecial(byte): break scanning
            case let byte:
                text.append(byte)
                at += 1
            }
        }
        endsInsideWord = at == bytes.count
        return Word(
            text: String(decoding: text, as: UTF8.self),
            raw: String(decoding: bytes[start..<at], as: UTF8.self), range: start..<at)
    }

    private mutating func takeEscaped(into text: inout [UInt8]) {
        guard at + 1 < bytes.count else {
            fault = Fault(.nothingAfterBackslash, at: at..<at + 1)
            at = bytes.count
            return
        }
        text.append(bytes[at + 1])
        at += 2
    }

    private mutating func takeQuoted(into text: inout [UInt8]) {
        let open = at
        let quote = bytes[open]
        at += 1
        while at < bytes.count, bytes[at] != quote {
            if quote == UInt8(ascii: "\""), bytes[at] == UInt8(ascii: "\\"), at + 1 < bytes.count,
                bytes[at + 1] == quote || bytes[at + 1] == UInt8(ascii: "\\")
            {
                at += 1
            }
            text.append(bytes[at])
            at += 1
        }
        guard at < bytes.count else {
            let mark = Character(Unicode.Scalar(quote))
            fault = Fault(.unclosedQuote(mark), at: open..<open + 1)
            return
        }
        at += 1
    }
}
