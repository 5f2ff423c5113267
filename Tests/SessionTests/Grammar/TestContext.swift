import CommandLanguage

@testable import Session

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

/// The language of the lab's prompt.
let language = CommandReader(CommandList.all)

extension SessionCommand {
    var command: any Command {
        switch self {
        case .lab(let command): command
        case .host(let command): command
        }
    }
}

/// Whether two commands are the same one with the same words.
func isSame(_ left: any Command, _ right: any Command) -> Bool {
    AnyHashable(left) == AnyHashable(right)
}

/// The one command of a line.
func command(_ line: String, _ context: ParsingContext = .lab) throws -> (any Command)? {
    let commands = try language.commands(of: line, in: context)
    return commands.count == 1 ? commands[0].command.command : nil
}

/// The error of a line, `nil` when it parses.
func error(_ line: String, _ context: ParsingContext = .lab) -> CommandError? {
    do throws(CommandError) {
        _ = try language.commands(of: line, in: context)
        return nil
    } catch {
        return error
    }
}
