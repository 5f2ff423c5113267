internal import WALFormat

/// Cuts a statement into tokens, one at a time, so that memory does not grow with what a peer
/// sends.
///
/// PostgreSQL: `scan.l` and `repl_scanner.l`; identifiers are folded to lower case and cut to 63
/// bytes like there. Not here: `U&''`, `B''`, `$$…$$`, texts continued on the next line.
package struct SQLTokenizer {
    package enum Dialect {
        case sql
        /// LSNs are tokens.
        case replication
    }

    /// PostgreSQL: `NAMEDATALEN - 1`.
    package static let maximumIdentifierByteCount = 63

    let bytes: [UInt8]
    let dialect: Dialect
    var offset = 0
    /// The last offset whose position was counted, so that counting stays linear.
    private var counted = (offset: 0, position: 1)

    init(_ text: String, dialect: Dialect) {
        bytes = Array(text.utf8)
        self.dialect = dialect
    }

    mutating func next() throws(SQLSyntaxError) -> SQLToken {
        try skipBlanksAndComments()
        let start = offset
        let position = position(of: start)
        let kind = try scan(at: position)
        return SQLToken(kind: kind, position: position, range: start..<offset)
    }

    /// The byte this far ahead, or 0 past the end; a statement holds no NUL.
    func peek(_ ahead: Int = 0) -> UInt8 {
        offset + ahead < bytes.count ? bytes[offset + ahead] : 0
    }

    private mutating func position(of target: Int) -> Int {
        for byte in bytes[counted.offset..<target] where byte & 0xC0 != 0x80 {
            counted.position += 1
        }
        counted.offset = target
        return counted.position
    }

    private mutating func scan(at position: Int) throws(SQLSyntaxError) -> SQLToken.Kind {
        guard offset < bytes.count else { return .end }
        if dialect == .replication, let lsn = try scanLSN(at: position) { return .lsn(lsn) }
        switch Unicode.Scalar(peek()) {
        case "'": return .text(try scanString(escapes: false, at: position))
        case "\"": return .quotedIdentifier(try scanQuotedIdentifier(at: position))
        case "e", "E":
            guard peek(1) == UInt8(ascii: "'") else { return .word(scanWord()) }
            offset += 1
            return .text(try scanString(escapes: true, at: position))
        case "0"..."9": return .number(try scanNumber(at: position))
        case "." where peek(1).isDigit: return .number(try scanNumber(at: position))
        case "$" where peek(1).isDigit: return try scanParameter(at: position)
        default: return peek().startsWord ? .word(scanWord()) : .symbol(scanSymbol())
        }
    }

    mutating func takeWhile(_ condition: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let start = offset
        while offset < bytes.count, condition(bytes[offset]) { offset += 1 }
        return bytes[start..<offset]
    }
}

extension SQLTokenizer {
    private mutating func skipBlanksAndComments() throws(SQLSyntaxError) {
        while true {
            _ = takeWhile(\.isBlank)
            switch (Unicode.Scalar(peek()), Unicode.Scalar(peek(1))) {
            case ("-", "-"): _ = takeWhile { $0 != UInt8(ascii: "\n") }
            case ("/", "*"): try skipComment()
            default: return
            }
        }
    }

    /// Comments nest, as in the SQL standard.
    private mutating func skipComment() throws(SQLSyntaxError) {
        let position = position(of: offset)
        var depth = 0
        repeat {
            guard offset < bytes.count else {
                throw SQLSyntaxError(.unterminated(.comment), at: position)
            }
            switch (Unicode.Scalar(peek()), Unicode.Scalar(peek(1))) {
            case ("/", "*"):
                depth += 1
                offset += 2
            case ("*", "/"):
                depth -= 1
                offset += 2
            default: offset += 1
            }
        } while depth > 0
    }

    private mutating func scanWord() -> String {
        let word = takeWhile(\.continuesWord).map { byte in
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
        }
        return String(truncatingIdentifier: word[...])
    }

    private mutating func scanNumber(at position: Int) throws(SQLSyntaxError) -> String {
        let start = offset
        _ = takeWhile(\.isDigit)
        if peek() == UInt8(ascii: ".") {
            offset += 1
            _ = takeWhile(\.isDigit)
        }
        let signed = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-")
        if peek() | 0x20 == UInt8(ascii: "e"), peek(signed ? 2 : 1).isDigit {
            offset += signed ? 2 : 1
            _ = takeWhile(\.isDigit)
        }
        let isJunk = !takeWhile(\.continuesWord).isEmpty
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        if isJunk { throw SQLSyntaxError(.unexpected(text), at: position) }
        return text
    }

    private mutating func scanParameter(at position: Int) throws(SQLSyntaxError) -> SQLToken.Kind {
        offset += 1
        let digits = String(decoding: takeWhile(\.isDigit), as: UTF8.self)
        guard let number = UInt16(digits), number > 0 else {
            throw SQLSyntaxError(.invalidNumber("$" + digits), at: position)
        }
        return .parameter(Int(number))
    }

    /// `hex+/hex+`, which may begin like a word or a number; anything else moves nothing.
    private mutating func scanLSN(at position: Int) throws(SQLSyntaxError) -> LSN? {
        let start = offset
        let high = takeWhile(\.isHexDigit)
        guard !high.isEmpty, peek() == UInt8(ascii: "/"), peek(1).isHexDigit else {
            offset = start
            return nil
        }
        offset += 1
        _ = takeWhile(\.isHexDigit)
        let text = String(decoding: bytes[start..<offset], as: UTF8.self)
        guard let lsn = LSN(text) else { throw SQLSyntaxError(.invalidNumber(text), at: position) }
        return lsn
    }

    /// The longest operator, but none that swallows a comment, nor `=-` in `=-1`.
    private mutating func scanSymbol() -> String {
        let start = offset
        if peek() == UInt8(ascii: ":"), peek(1) == UInt8(ascii: ":") {
            offset += 2
        } else if !peek().isOperator {
            offset += 1
        } else {
            while peek().isOperator, offset == start || !startsComment { offset += 1 }
            while offset > start + 1, bytes[offset - 1].isSign { offset -= 1 }
        }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    private var startsComment: Bool {
        (peek() == UInt8(ascii: "-") && peek(1) == UInt8(ascii: "-"))
            || (peek() == UInt8(ascii: "/") && peek(1) == UInt8(ascii: "*"))
    }
}

extension String {
    /// At most 63 bytes, cut where a character ends.
    init(truncatingIdentifier bytes: ArraySlice<UInt8>) {
        var kept = bytes.prefix(SQLTokenizer.maximumIdentifierByteCount)
        if kept.count < bytes.count {
            while kept.endIndex > kept.startIndex, bytes[kept.endIndex] & 0xC0 == 0x80 {
                kept.removeLast()
            }
        }
        self.init(decoding: kept, as: UTF8.self)
    }
}

extension UInt8 {
    var isBlank: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
    var isDigit: Bool { (0x30...0x39).contains(self) }
    var isHexDigit: Bool { isDigit || (0x61...0x66).contains(self | 0x20) }
    /// Letters, `_`, and everything beyond ASCII.
    var startsWord: Bool { (0x61...0x7A).contains(self | 0x20) || self == 0x5F || self >= 0x80 }
    var continuesWord: Bool { startsWord || isDigit || self == UInt8(ascii: "$") }
    var isSign: Bool { self == UInt8(ascii: "+") || self == UInt8(ascii: "-") }

    package var isOperator: Bool {
        switch Unicode.Scalar(self) {
        case "+", "-", "*", "/", "<", ">", "=", "~", "!", "@", "#", "%", "^", "&", "|", "`", "?":
            true
        default: false
        }
    }
}
