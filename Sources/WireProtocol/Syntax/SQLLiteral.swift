/// Texts made safe to stand in a statement.
public enum SQLLiteral {
    /// `it's` becomes `'it''s'`; a backslash needs no care, since standard strings have no escapes.
    public static func quoted(_ text: String) -> String {
        surround(text, with: "'")
    }

    /// `my slot` becomes `"my slot"`, with `"` doubled.
    public static func quotedIdentifier(_ name: String) -> String {
        surround(name, with: "\"")
    }

    /// `my slot` becomes `"my slot"`, and `slot` stays as it is.
    static func identifier(_ name: String) -> String {
        let isPlain =
            name.utf8.first.map { $0.startsWord && $0 < 0x80 } ?? false
            && name.utf8.allSatisfy { $0.continuesWord && $0 < 0x80 }
        return isPlain && name == name.lowercased() ? name : quotedIdentifier(name)
    }

    private static func surround(_ text: String, with quote: Unicode.Scalar) -> String {
        var result = String.UnicodeScalarView([quote])
        for scalar in text.unicodeScalars {
            if scalar == quote { result.append(quote) }
            result.append(scalar)
        }
        result.append(quote)
        return String(result)
    }
}
