package import Cluster
package import CommandLanguage

/// A learner's conversation with one lab: a line goes in, its commands are carried out one after
/// the other, and what they have to say comes out as lines.
///
/// Not a terminal and not a process: it prints nothing, reads nothing and ends nothing itself.
///
/// - A line is read whole before anything of it runs.
/// - The same lines to a lab of the same settings give the same bytes: no ports, pids, paths or
///   wall time in what it says (`connect` alone excepted).
/// - All calls come from one thread, the one the lab is called from.
package final class Session {
    let context: CommandContext
    let reader: CommandReader
    private let nodeNames: [String]
    private let settingNames: [String]
    /// What opening the lab had to tell, for the greeting.
    let openingEvents: [LabEvent]
    private var hasEnded = false
    /// Is told what does not hold of the lab after a command. Nil: nobody looks, as at a prompt.
    package var breached: (([Breach]) -> Void)?

    /// A conversation with a lab that is open.
    package init(lab: Lab) {
        context = CommandContext(lab: lab)
        reader = CommandReader(CommandList.all)
        nodeNames = lab.nodeNames + (lab.postgresName.map { [$0] } ?? [])
        settingNames = lab.settings().map(\.name)
        openingEvents = lab.takeEvents()
        _ = context.look()
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
    ///   - screen: where a command draws that shows the same again and again.
    package func run(
        _ line: String, asJSON: Bool = false, isInteractive: Bool = false, keepsGoing: Bool = false,
        hear: (([String]) -> Bool)? = nil, screen: Screen? = nil
    ) -> LineOutcome {
        do throws(CommandError) {
            let commands = try reader.commands(
                of: line, in: names(isInteractive: isInteractive))
            let manner = Manner(
                asJSON: asJSON, keepsGoing: keepsGoing, hear: hear, screen: screen)
            return carryOut(commands, manner)
        } catch {
            // A line that cannot be read says in which manner all the same.
            let asJSON = asJSON || line.split(separator: " ").contains("--json")
            let caret = isInteractive && !asJSON ? caretLines(error) : []
            return LineOutcome(lines: caret + error.failure.rendered(asJSON: asJSON), failed: true)
        }
    }

    /// How a line is carried out.
    private struct Manner {
        let asJSON: Bool
        let keepsGoing: Bool
        let hear: (([String]) -> Bool)?
        let screen: Screen?
    }

    private func carryOut(
        _ commands: [ParsedCommand<SessionCommand>], _ manner: Manner
    ) -> LineOutcome {
        var outcome = LineOutcome()
        hasEnded = false
        for command in commands {
            let asJSON = manner.asJSON || command.wantsJSON
            let listener = manner.hear.map { hear in
                let hearAll = { (lines: [String]) in
                    // What earlier commands said comes before.
                    let all = outcome.lines + lines
                    outcome.lines = []
                    return all.isEmpty || hear(all)
                }
                return CommandContext.Listener(
                    asJSON: asJSON, hear: hearAll, screen: asJSON ? nil : manner.screen)
            }
            let (lines, failed) = context.heard(by: listener) {
                carryOut(command.command, asJSON: asJSON)
            }
            outcome.lines += lines
            outcome.failed = outcome.failed || failed
            checkTruth()
            outcome.quit = hasEnded
            if outcome.quit || (outcome.failed && !manner.keepsGoing) { break }
        }
        return outcome
    }

    private func checkTruth() {
        guard let breached else { return }
        let breaches = context.lab.checkTruth(&context.truth)
        if !breaches.isEmpty { breached(breaches) }
    }

    private func carryOut(
        _ command: SessionCommand, asJSON: Bool
    ) -> (lines: [String], failed: Bool) {
        do throws(Failure) {
            let reply =
                switch command {
                case .lab(let command): try command.run(in: context)
                case .host(let command): try command.run(by: self)
                }
            return (reply.rendered(asJSON: asJSON), reply.failed)
        } catch {
            let happened = asJSON ? [] : context.events()
            return (happened + error.rendered(asJSON: asJSON), true)
        }
    }

    /// Points at the bad word under the line just typed; silent where the line has wrapped.
    private func caretLines(_ error: CommandError) -> [String] {
        let indent = DisplayWidth.of(prompt)
        guard indent + error.column + error.width <= 80 else { return [] }
        return [error.caretLine(indent: indent)]
    }

    /// What the language needs to know to read a line.
    func names(isInteractive: Bool) -> ParsingContext {
        ParsingContext(
            nodeNames: nodeNames, primaryName: context.memory.primary, configNames: settingNames,
            isInteractive: isInteractive)
    }
}

extension Session: CommandHost {
    /// The rows of all commands that can be typed here.
    package var table: CommandTable { reader.table }

    func end() { hasEnded = true }
}
