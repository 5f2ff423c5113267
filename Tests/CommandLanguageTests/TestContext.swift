import CommandLanguage

extension ParsingContext {
    /// The lab of most lessons: a primary and two replicas, read from a file.
    static let lab = ParsingContext(
        nodeNames: ["p", "r1", "r2"], primaryName: "p", keys: ["pay:1", "pay:2", "two words"],
        configNames: ["wal_keep_size", "wal_segment_size", "timeout"])

    /// The same lab at a prompt.
    static var prompt: ParsingContext {
        var context = lab
        context.isInteractive = true
        return context
    }
}

/// The one command of a line.
func command(_ line: String, _ context: ParsingContext = .lab) throws -> Command? {
    let commands = try CommandParser(context: context).parse(line)
    return commands.count == 1 ? commands[0].command : nil
}

/// The error of a line, `nil` when it parses.
func error(_ line: String, _ context: ParsingContext = .lab) -> CommandError? {
    do throws(CommandError) {
        _ = try CommandParser(context: context).parse(line)
        return nil
    } catch {
        return error
    }
}
