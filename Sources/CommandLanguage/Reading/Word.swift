/// A word of a line: what it says, and where it stands.
package struct Word: Hashable, Sendable {
    /// The text after quotes and backslashes are taken off.
    package let text: String
    /// The text as typed.
    package let raw: String
    /// Where it stands: UTF-8 offsets in the line.
    package let range: Range<Int>

    /// Whether it was typed without quotes and backslashes: only such words can be nodes before a
    /// key, options, flags or keywords.
    package var isBare: Bool { text == raw }
}
