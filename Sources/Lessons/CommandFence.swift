internal import Cluster

/// A `shiplog` fence: commands, each followed by exactly what it prints.
///
/// - `> command` must not fail; `> ! command` must. In a fence with the attribute `fails` every
///   command must fail.
/// - A fence with `skip=REASON` is parsed but never run. The reason is the rest of the line.
/// - A fence with the attribute `setup` is run but not shown when the lesson is presented.
package struct CommandFence: Hashable, Sendable {
    /// One command and what it prints.
    package struct Step: Hashable, Sendable {
        /// Where the command stands, counted from 1. Its output is the lines right below.
        package let line: Int
        /// The prompt line, without `> ` and without `!`.
        package let command: String
        /// It must fail; any other must not.
        package let mustFail: Bool
        /// The output as written, elisions included, without line ends.
        package internal(set) var output: [String] = []
        /// The settings that `start` asks for; such a step never reaches the lab.
        let settings: LabOptions?
    }

    /// Prepares the lab; not shown when the lesson is presented.
    package let isSetup: Bool
    /// Every command must fail.
    package let fails: Bool
    /// Why the fence is not run; nil when it is.
    package let skipReason: String?
    /// At least one.
    package let steps: [Step]

    init(_ body: [SourceLine], opening: SourceLine, attributes: String) throws(LineError) {
        let words = try Attributes(attributes, on: opening)
        isSetup = words.isSetup
        fails = words.fails
        skipReason = words.skipReason
        var steps: [Step] = []
        for line in body {
            guard !line.text.hasTrailingSpace else { throw LineError(.trailingSpace, on: line) }
            if line.text.hasPrefix(">") {
                steps.append(try Self.step(line, fails: fails))
            } else if steps.isEmpty {
                throw LineError(.outputBeforeCommand(line.text), on: line)
            } else {
                steps[steps.count - 1].output.append(line.text)
            }
        }
        guard !steps.isEmpty else { throw LineError(.noCommands, on: opening) }
        self.steps = steps
    }

    private static func step(_ line: SourceLine, fails: Bool) throws(LineError) -> Step {
        guard !line.text.hasControlCharacter else { throw LineError(.controlCharacter, on: line) }
        var command = String(line.text.dropFirst(2)).trimmed
        let marked = command.hasPrefix("!")
        if marked { command = String(command.dropFirst()).trimmed }
        guard line.text.hasPrefix("> "), !command.isEmpty else {
            throw LineError(.emptyCommand, on: line)
        }
        let settings: LabOptions?
        do { settings = try LabOptions(parsing: command) } catch {
            throw LineError(error, on: line)
        }
        let mustFail = marked || fails
        guard settings == nil || !mustFail else { throw LineError(.misplacedStart, on: line) }
        return Step(line: line.number, command: command, mustFail: mustFail, settings: settings)
    }
}

/// The words after `shiplog` on the line that opens a fence.
private struct Attributes {
    var isSetup = false
    var fails = false
    var skipReason: String?

    init(_ text: String, on line: SourceLine) throws(LineError) {
        var rest = text.trimmed
        while !rest.isEmpty {
            if rest.hasPrefix("skip=") {
                skipReason = String(rest.dropFirst("skip=".count)).trimmed
                if skipReason == "" { throw LineError(.skipWithoutReason, on: line) }
                return
            }
            let word = String(rest.prefix { $0 != " " && $0 != "\t" })
            rest = String(rest.dropFirst(word.count)).trimmed
            guard word == "setup" || word == "fails" else {
                throw LineError(.unknownAttribute(word), on: line)
            }
            guard !(word == "setup" ? isSetup : fails) else {
                throw LineError(.repeatedAttribute(word), on: line)
            }
            if word == "setup" { isSetup = true } else { fails = true }
        }
    }
}
