extension SQLTokenizer {
    /// `"name"` with `""` for one quote; an empty name is refused.
    mutating func scanQuotedIdentifier(at position: Int) throws(SQLSyntaxError) -> String {
        var name: [UInt8] = []
        try scanQuoted(UInt8(ascii: "\""), .identifier, at: position, into: &name)
        // `DROP_REPLICATION_SLOT ""` is a slot that does not exist, in SQL it is an error.
        guard !name.isEmpty || dialect == .replication else {
            throw SQLSyntaxError(.emptyIdentifier, at: position)
        }
        return String(truncatingIdentifier: name[...])
    }

    /// `'text'` with `''` for one quote, and with backslash escapes if it was `E'text'`.
    mutating func scanString(escapes: Bool, at position: Int) throws(SQLSyntaxError) -> String {
        var text: [UInt8] = []
        if escapes {
            try scanEscaped(at: position, into: &text)
        } else {
            try scanQuoted(UInt8(ascii: "'"), .string, at: position, into: &text)
        }
        guard !text.contains(0), let string = String(validating: text, as: UTF8.self) else {
            throw SQLSyntaxError(.invalidEscape, at: position)
        }
        return string
    }

    private mutating func scanQuoted(
        _ quote: UInt8, _ kind: SQLSyntaxError.Unterminated, at position: Int,
        into result: inout [UInt8]
    ) throws(SQLSyntaxError) {
        offset += 1
        while true {
            result += takeWhile { $0 != quote }
            guard offset < bytes.count else {
                throw SQLSyntaxError(.unterminated(kind), at: position)
            }
            offset += 1
            guard peek() == quote else { return }
            offset += 1
            result.append(quote)
        }
    }

    private mutating func scanEscaped(
        at position: Int, into result: inout [UInt8]
    ) throws(SQLSyntaxError) {
        offset += 1
        while true {
            result += takeWhile { $0 != UInt8(ascii: "'") && $0 != UInt8(ascii: "\\") }
            guard offset < bytes.count else {
                throw SQLSyntaxError(.unterminated(.string), at: position)
            }
            offset += 1
            if bytes[offset - 1] == UInt8(ascii: "\\") {
                try scanEscape(at: position, into: &result)
            } else if peek() == UInt8(ascii: "'") {
                offset += 1
                result.append(UInt8(ascii: "'"))
            } else {
                return
            }
        }
    }

    /// What follows a backslash.
    private mutating func scanEscape(
        at position: Int, into result: inout [UInt8]
    ) throws(SQLSyntaxError) {
        let letter = peek()
        switch Unicode.Scalar(letter) {
        case "0"..."7": result.append(UInt8(truncatingIfNeeded: scanDigits(radix: 8, atMost: 3)))
        case "x" where peek(1).isHexDigit:
            offset += 1
            result.append(UInt8(truncatingIfNeeded: scanDigits(radix: 16, atMost: 2)))
        case "u", "U":
            offset += 1
            let start = offset
            let width = letter == UInt8(ascii: "u") ? 4 : 8
            let value = scanDigits(radix: 16, atMost: width)
            guard offset == start + width, let scalar = Unicode.Scalar(value) else {
                throw SQLSyntaxError(.invalidEscape, at: position)
            }
            result += Array(String(scalar).utf8)
        default:
            guard offset < bytes.count else { return }  // The caller finds the missing quote.
            offset += 1
            result.append(Self.controls[letter] ?? letter)
        }
    }

    private mutating func scanDigits(radix: Int, atMost width: Int) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<width {
            guard peek().isHexDigit, let digit = Character(Unicode.Scalar(peek())).hexDigitValue,
                digit < radix
            else { break }
            value = value &* UInt32(radix) &+ UInt32(digit)
            offset += 1
        }
        return value
    }

    private static let controls: [UInt8: UInt8] = [
        UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A,
        UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
    ]
}
