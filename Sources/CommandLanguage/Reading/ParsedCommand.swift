internal import JSON

/// A command as read from a line, with what the line said about it.
package struct ParsedCommand<Made> {
    package let command: Made
    /// Whether `--json` was among its words.
    package let wantsJSON: Bool
    /// The part of the line it came from, without separators and comments: for echo and journal.
    package let text: String
}

extension ParsedCommand: Sendable where Made: Sendable {}
