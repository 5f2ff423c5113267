public import Cluster
public import CommandLanguage
internal import JSON
internal import WALFormat

/// A learner's conversation with one lab: a line goes in, its commands are carried out one after
/// the other, and what they have to say comes out as lines.
///
/// Not a terminal and not a process: it prints nothing, reads nothing and ends nothing itself.
///
/// - A line is read whole before anything of it runs.
/// - The same lines to a lab of the same settings give the same bytes: no ports, pids, paths or
///   wall time in what it says (`connect` alone excepted).
/// - All calls come from one thread, the one the lab is called from.
public final class Session {
    let lab: Lab
    var memory = Memory()
    var keys = KeyMemory()
    /// Events that were taken from the lab and not told yet.
    var untold: [LabEvent] = []
    /// Who hears of a command before it has ended; nil: nobody, and no command may be endless.
    var listener: Listener?
    private let nodeNames: [String]
    private let settingNames: [String]
    /// What opening the lab had to tell, for the greeting.
    let openingEvents: [LabEvent]

    /// A conversation with a lab that is open.
    public init(lab: Lab) {
        self.lab = lab
        nodeNames = lab.nodeNames + (lab.foreignName.map { [$0] } ?? [])
        settingNames = lab.settings().map(\.name)
        openingEvents = lab.takeEvents()
        _ = look()
    }

    /// Where the lines of a command go that goes on for long.
    struct Listener {
        let asJSON: Bool
        /// Takes lines at once; false: no more are wanted.
        let hear: ([String]) -> Bool
    }

    /// Carries out one prompt line: several commands joined by `;`, up to the first that fails.
    ///
    /// - Parameters:
    ///   - asJSON: answer in JSON, as if every command had `--json`.
    ///   - isInteractive: a person typed it: the beginning of a verb will do, and a mistake is
    ///     pointed at.
    ///   - keepsGoing: go on with the next command after one that failed.
    ///   - hear: takes lines of a command that goes on for long as they are made; they are not in
    ///     the outcome then. False: no more are wanted.
    public func run(
        _ line: String, asJSON: Bool = false, isInteractive: Bool = false, keepsGoing: Bool = false,
        hear: (([String]) -> Bool)? = nil
    ) -> LineOutcome {
        let commands: [ParsedCommand]
        do throws(CommandError) {
            commands = try CommandParser(context: context(isInteractive: isInteractive)).parse(line)
        } catch {
            // A line that cannot be read says in which manner all the same.
            let asJSON = asJSON || line.split(separator: " ").contains("--json")
            let caret = isInteractive && !asJSON ? caretLines(error) : []
            return LineOutcome(lines: caret + error.failure.rendered(asJSON: asJSON), failed: true)
        }
        var outcome = LineOutcome()
        for command in commands {
            let asJSON = asJSON || command.wantsJSON
            if let hear, case .tail = command.command, !outcome.lines.isEmpty {
                // What was said before comes before.
                _ = hear(outcome.lines)
                outcome.lines = []
            }
            listener = hear.map { Listener(asJSON: asJSON, hear: $0) }
            defer { listener = nil }
            carryOut(command, asJSON: asJSON, into: &outcome)
            if outcome.quit || (outcome.failed && !keepsGoing) { break }
        }
        return outcome
    }

    private func carryOut(_ parsed: ParsedCommand, asJSON: Bool, into outcome: inout LineOutcome) {
        do throws(Failure) {
            outcome.lines += try reply(to: parsed.command).rendered(asJSON: asJSON)
            outcome.quit = parsed.command == .quit
        } catch {
            let happened = asJSON ? [] : events()
            outcome.lines += happened + error.rendered(asJSON: asJSON)
            outcome.failed = true
        }
    }

    /// Points at the bad word under the line just typed; silent where the line has wrapped.
    private func caretLines(_ error: CommandError) -> [String] {
        let indent = DisplayWidth.of(prompt)
        guard indent + error.column + error.width <= 80 else { return [] }
        return [error.caretLine(indent: indent)]
    }

    /// The lab as it is now, remembered for when a node is down; what happened meanwhile is kept
    /// to be told.
    func look() -> Standing {
        let (snapshot, events) = lab.look()
        untold += events
        memory.note(snapshot)
        return Standing(snapshot, memory)
    }

    /// What the language needs to know to read a line.
    func context(isInteractive: Bool) -> ParsingContext {
        ParsingContext(
            nodeNames: nodeNames, primaryName: memory.primary, configNames: settingNames,
            isInteractive: isInteractive)
    }
}
