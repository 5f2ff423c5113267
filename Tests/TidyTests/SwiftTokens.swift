/// The words and signs of a Swift file, without its comments and without the text of its strings.
///
/// Enough of a lexer for rules about names, imports, calls and braces: a rule that reads tokens is
/// not fooled by an example in a comment, and may spell in a string what it forbids. Code inside
/// an interpolation counts. Regex literals are not understood; there are none.
struct SwiftTokens {
    struct Token: Hashable {
        let text: String
        let line: Int
    }

    /// Where the lexer is, innermost last.
    private enum Scope {
        /// Code up to the parenthesis that ends an interpolation, with this many open inside it.
        case interpolation(open: Int)
        case string(hashes: Int, isMultiline: Bool)
    }

    private(set) var tokens: [Token] = []
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private var scopes: [Scope] = []

    init(_ text: String) {
        bytes = Array(text.utf8)
        while position < bytes.count {
            if case .string(let hashes, let isMultiline) = scopes.last {
                readString(hashes, isMultiline)
            } else {
                readCode()
            }
        }
    }

    private func byte(_ offset: Int = 0) -> Character? {
        position + offset < bytes.count ? Character(Unicode.Scalar(bytes[position + offset])) : nil
    }

    private func starts(with text: String, at offset: Int = 0) -> Bool {
        bytes.dropFirst(position + offset).starts(with: text.utf8)
    }

    private mutating func advance(_ count: Int = 1) {
        for _ in 0..<count where position < bytes.count {
            if bytes[position] == UInt8(ascii: "\n") { line += 1 }
            position += 1
        }
    }

    private mutating func readCode() {
        guard let first = byte() else { return }
        if starts(with: "//") {
            while let next = byte(), next != "\n" { advance() }
        } else if starts(with: "/*") {
            skipBlockComment()
        } else if first == "`" {
            readQuotedName()
        } else if opensString() {
            return
        } else if Self.isWord(first) {
            readWord()
        } else {
            if !first.isWhitespace { tokens.append(Token(text: String(first), line: line)) }
            advance()
            countParenthesis(first)
        }
    }

    private mutating func countParenthesis(_ sign: Character) {
        guard case .interpolation(let open) = scopes.last, sign == "(" || sign == ")" else {
            return
        }
        scopes.removeLast()
        if sign == "(" { scopes.append(.interpolation(open: open + 1)) }
        if sign == ")", open > 0 { scopes.append(.interpolation(open: open - 1)) }
    }

    private mutating func skipBlockComment() {
        var depth = 0
        repeat {
            if starts(with: "/*") { depth += 1 }
            if starts(with: "*/") { depth -= 1 }
            advance(starts(with: "/*") || starts(with: "*/") ? 2 : 1)
        } while depth > 0 && position < bytes.count
    }

    /// A name in backticks may be a whole sentence; its words are not words of the program.
    private mutating func readQuotedName() {
        tokens.append(Token(text: "`", line: line))
        advance()
        while let next = byte(), next != "`", next != "\n" { advance() }
        advance()
    }

    private mutating func readWord() {
        let start = position
        let startLine = line
        while let next = byte(), Self.isWord(next) { advance() }
        let word = String(decoding: bytes[start..<position], as: UTF8.self)
        tokens.append(Token(text: word, line: startLine))
    }

    private mutating func opensString() -> Bool {
        var hashes = 0
        while byte(hashes) == "#" { hashes += 1 }
        guard byte(hashes) == "\"" else { return false }
        let isMultiline = starts(with: "\"\"\"", at: hashes)
        advance(hashes + (isMultiline ? 3 : 1))
        scopes.append(.string(hashes: hashes, isMultiline: isMultiline))
        return true
    }

    private mutating func readString(_ hashes: Int, _ isMultiline: Bool) {
        let pounds = String(repeating: "#", count: hashes)
        let end = (isMultiline ? "\"\"\"" : "\"") + pounds
        let escape = "\\" + pounds
        if starts(with: end) {
            advance(end.utf8.count)
            scopes.removeLast()
        } else if starts(with: escape + "(") {
            advance(escape.utf8.count + 1)
            scopes.append(.interpolation(open: 0))
        } else if starts(with: escape) {
            advance(escape.utf8.count + 1)
        } else {
            // A string that never closes ends with its line, so that the rest is still read.
            if byte() == "\n", !isMultiline { scopes.removeLast() }
            advance()
        }
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_" || !character.isASCII
    }
}

extension SwiftTokens {
    /// The lines where these tokens follow one another.
    func lines(of pattern: [String]) -> [Int] {
        guard tokens.count >= pattern.count else { return [] }
        return (0...(tokens.count - pattern.count)).compactMap { start in
            let found = tokens[start..<(start + pattern.count)].map(\.text) == pattern
            return found ? tokens[start].line : nil
        }
    }

    /// The modules that are imported, and where.
    var imports: [Token] {
        let kinds: Set = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
        return tokens.indices.compactMap { index in
            guard tokens[index].text == "import" else { return nil }
            let rest = tokens[(index + 1)...].prefix(2)
            return rest.first { !kinds.contains($0.text) }
        }
    }

    /// The names of the types that are declared, and where.
    var declaredTypes: [Token] {
        let kinds: Set = ["struct", "class", "enum", "protocol", "actor", "typealias"]
        return zip(tokens, tokens.dropFirst()).compactMap { kind, name in
            let isType = name.text.first?.isUppercase == true
            return kinds.contains(kind.text) && isType ? name : nil
        }
    }

    /// The line where each function, initializer and computed property begins, and its length.
    var bodies: [(line: Int, length: Int)] {
        tokens.indices.compactMap { index in
            guard let open = bodyStart(index), let close = closing(open) else { return nil }
            return (tokens[index].line, tokens[close].line - tokens[index].line + 1)
        }
    }

    private func bodyStart(_ index: Int) -> Int? {
        let word = tokens[index].text
        let previous = index > 0 ? tokens[index - 1].text : ""
        guard ["func", "init", "deinit", "subscript", "var"].contains(word), previous != "." else {
            return nil
        }
        var depth = 0
        for next in tokens.indices.dropFirst(index + 1) {
            if word == "var", tokens[next].line != tokens[index].line { return nil }
            switch tokens[next].text {
            case "(", "[": depth += 1
            case ")", "]": depth -= 1
            case "{" where depth == 0: return next
            case "}", "func", "init", "deinit", "var", "let", "case": if depth <= 0 { return nil }
            case "=" where word == "var": return nil
            default: break
            }
        }
        return nil
    }

    private func closing(_ open: Int) -> Int? {
        var depth = 0
        for index in tokens.indices.dropFirst(open) {
            if tokens[index].text == "{" { depth += 1 }
            if tokens[index].text == "}" { depth -= 1 }
            if depth == 0 { return index }
        }
        return nil
    }
}
