internal import WALFormat

/// Recursive descent over the tokens of one text, one token ahead.
///
/// - The stack is bounded: only expressions nest, at most `maximumDepth` deep.
/// - So is the tree: as many `-` are allowed in one statement, whatever the nesting.
package struct SQLParser {
    /// Parentheses inside each other, and operators in one statement.
    package static let maximumDepth = 64
    /// PostgreSQL: `MaxTupleAttributeNumber`.
    package static let maximumColumnCount = 1664

    private var tokenizer: SQLTokenizer
    package private(set) var token: SQLToken
    package var depth = 0
    package var operatorCount = 0

    package init(_ text: String, dialect: SQLTokenizer.Dialect) throws(SQLSyntaxError) {
        guard text.utf8.count <= FrontendMessage.maximumByteCount else {
            throw SQLSyntaxError(.tooLong(byteCount: text.utf8.count), at: 1)
        }
        tokenizer = SQLTokenizer(text, dialect: dialect)
        token = try tokenizer.next()
    }

    package mutating func advance() throws(SQLSyntaxError) {
        token = try tokenizer.next()
    }

    // MARK: Refusing

    /// The current token cannot stand here.
    package var unexpected: SQLSyntaxError {
        error(.unexpected(token.kind == .end ? nil : source(token.range)))
    }

    package func error(_ reason: SQLSyntaxError.Reason) -> SQLSyntaxError {
        SQLSyntaxError(reason, at: token.position)
    }

    /// The text as it was written.
    package func source(_ range: Range<Int>) -> String {
        String(decoding: tokenizer.bytes[range], as: UTF8.self)
    }

    // MARK: Looking

    package func sees(_ word: String) -> Bool { token.kind == .word(word) }
    package func seesSymbol(_ symbol: String) -> Bool { token.kind == .symbol(symbol) }
    package var seesEnd: Bool { token.kind == .end || seesSymbol(";") }

    /// The current token if it is a bare word.
    package var word: String? {
        if case .word(let word) = token.kind { word } else { nil }
    }

    // MARK: Taking

    package mutating func accept(_ word: String) throws(SQLSyntaxError) -> Bool {
        guard sees(word) else { return false }
        try advance()
        return true
    }

    package mutating func acceptSymbol(_ symbol: String) throws(SQLSyntaxError) -> Bool {
        guard seesSymbol(symbol) else { return false }
        try advance()
        return true
    }

    package mutating func expect(_ words: String...) throws(SQLSyntaxError) {
        for word in words {
            guard try accept(word) else { throw unexpected }
        }
    }

    package mutating func expectSymbol(_ symbol: String) throws(SQLSyntaxError) {
        guard try acceptSymbol(symbol) else { throw unexpected }
    }

    package mutating func identifier() throws(SQLSyntaxError) -> String {
        switch token.kind {
        case .word(let name), .quotedIdentifier(let name):
            try advance()
            return name
        case .text, .number, .parameter, .lsn, .symbol, .end: throw unexpected
        }
    }

    package mutating func string() throws(SQLSyntaxError) -> String {
        guard case .text(let text) = token.kind else { throw unexpected }
        try advance()
        return text
    }

    /// A whole number that fits the type.
    package mutating func integer<T: FixedWidthInteger>() throws(SQLSyntaxError) -> T {
        guard case .number(let digits) = token.kind else { throw unexpected }
        guard let value = T(digits) else { throw error(.invalidNumber(digits)) }
        try advance()
        return value
    }

    /// `a`, `a.b`, `a.b.c`: the parts.
    package mutating func qualifiedName() throws(SQLSyntaxError) -> [String] {
        var parts = [try identifier()]
        while try acceptSymbol(".") {
            parts.append(try identifier())
            guard parts.count <= 4 else { throw unexpected }
        }
        return parts
    }
}
