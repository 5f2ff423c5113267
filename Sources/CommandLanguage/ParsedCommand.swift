/// A command as read from a line, with what the line said about it.
public struct ParsedCommand: Hashable, Sendable {
    /// The command.
    public let command: Command
    /// Whether `--json` was among its words.
    public let wantsJSON: Bool
    /// The part of the line it came from, without separators and comments: for echo and journal.
    public let text: String

    /// Makes a parsed command.
    public init(command: Command, wantsJSON: Bool = false, text: String) {
        self.command = command
        self.wantsJSON = wantsJSON
        self.text = text
    }
}
