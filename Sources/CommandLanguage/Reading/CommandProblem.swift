/// Everything that can be wrong with a line, each with the word it is about.
///
/// Only the language's own mistakes are here: whether a node is alive or a key exists is for the
/// session.
package enum CommandProblem: Hashable, Sendable {
    /// A quote that the line does not close.
    case unclosedQuote(Character)
    /// A backslash at the end of the line.
    case nothingAfterBackslash
    /// No such command. `similar` holds names that look like it.
    case unknownCommand(String, similar: [String])
    /// The beginning of several names, at a prompt.
    case ambiguousCommand(String, names: [String])
    /// Not a node's name.
    case unknownNode(String, nodes: [String], similar: [String])
    /// A required argument is not there. `correction` is the line that was probably meant, if any.
    case missingArgument(String, of: CommandSpec, correction: String? = nil)
    /// A node word where a key stood alone, so that an argument is missing: `set p 1`.
    case nodeReadAsTarget(String, missing: String, of: CommandSpec, quotedForm: String)
    /// A word too many. `correction` is the line that was probably meant, if any.
    case extraWord(String, of: CommandSpec, correction: String?)
    /// A word that begins with `--` and is no option.
    case unknownFlag(String, of: CommandSpec)
    /// `name=value` with a name the command does not have.
    case unknownOption(String, of: CommandSpec)
    /// `name=value` with a value that is not among the choices.
    case badChoice(String, option: String, choices: [String])
    /// A word where only one of a few can stand.
    case badWord(String, of: CommandSpec, choices: [String])
    /// An option or keyword given twice.
    case repeated(String, of: CommandSpec)
    /// Not a length of time.
    case badDuration(DurationError)
    /// Not a whole number in the range.
    case badCount(String, limits: ClosedRange<Int>)
    /// What a command asks of its arguments beyond their kinds, in its own words.
    case unfit(String, advice: String)
    /// Not a WAL position.
    case badPosition(String)
    /// Not a WAL position or range.
    case badRange(String)
    /// An empty key.
    case emptyKey(CommandSpec)
    /// A zero byte in a text, which PostgreSQL's text type cannot hold.
    case zeroByte(String)
    /// No such setting.
    case unknownSetting(String, similar: [String])
    /// Nothing in `help` by this name.
    case unknownTopic(String, similar: [String])
}
