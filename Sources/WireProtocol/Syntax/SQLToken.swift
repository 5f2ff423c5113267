package import WALFormat

/// One word of a statement, and where it stands.
package struct SQLToken: Hashable {
    package enum Kind: Hashable {
        /// A bare word, in lower case, keywords included.
        case word(String)
        /// `"Name"`; never a keyword.
        case quotedIdentifier(String)
        /// `'…'` or `E'…'`, escapes resolved.
        case text(String)
        /// Digits with an optional fraction and exponent, as written.
        case number(String)
        /// `$1`
        case parameter(Int)
        /// `0/16B3748`, in replication commands only.
        case lsn(LSN)
        /// Punctuation, or the longest run of operator characters.
        case symbol(String)
        /// After the last token.
        case end
    }

    package let kind: Kind
    /// Where it starts, in characters from 1.
    package let position: Int
    /// Where its bytes are in the text.
    package let range: Range<Int>
}
