/// One way in which a file is not proven.
///
/// Line numbers are counted from 1. Every case names what the author has to look at; `report`
/// says it in words.
enum Finding: Hashable, Sendable {
    /// The text cannot be read, or is no lesson or transcript: the message says where and why.
    case unusable(String)
    case labDidNotStart(reason: String)
    /// The command printed something else.
    case differs(line: Int, command: String, diff: [String])
    /// The command failed and was not marked with `!`.
    case failed(line: Int, command: String, printed: [String])
    /// The command was marked with `!` and did not fail.
    case succeeded(line: Int, command: String)
    /// The command printed a line that no fence can hold.
    case unwritable(line: Int, command: String, printed: String, reason: UnwritableReason)
    /// There is more to run, but the session is over.
    case afterQuit(line: Int, quitLine: Int)
    /// The starred choice is not what the lab shows.
    case wrongAnswer(line: Int, starred: String, observed: String?)
    case goalMetBefore(line: Int, goal: Goal)
    case goalNotMet(line: Int, goal: Goal, observed: String?)
    case solutionFailed(line: Int, command: String, printed: [String])
    /// A lesson shows everything its commands print.
    case elidedInLesson(line: Int)
    /// A later run did not print what the first one did.
    case notRepeatable(run: Int, diff: [String])
    /// The file could not be rewritten.
    case notWritten(reason: String)
}

extension Finding {
    /// What was printed cannot be trusted to be what the author wants recorded.
    var forbidsUpdate: Bool {
        switch self {
        case .unusable, .labDidNotStart, .failed, .succeeded, .unwritable, .afterQuit,
            .notRepeatable, .notWritten:
            true
        case .differs, .wrongAnswer, .goalMetBefore, .goalNotMet, .solutionFailed,
            .elidedInLesson:
            false
        }
    }

    /// The finding as the terminal shows it: what and where first, then the evidence.
    func report(_ path: String) -> [String] {
        func at(_ line: Int) -> String { "\(path):\(line):" }
        return switch self {
        case .unusable(let message): [message]
        case .labDidNotStart(let reason): ["\(path): the lab did not start: \(reason)"]
        case .differs(let line, let command, let diff):
            ["\(at(line)) `\(command)` printed something else"]
                + ["--- \(path)", "+++ \(path) (replayed)"] + diff
        case .failed(let line, let command, let printed):
            ["\(at(line)) `\(command)` failed; if it should, write `> ! \(command)`"]
                + printed.map { "    \($0)" }
        case .succeeded(let line, let command):
            ["\(at(line)) `\(command)` was to fail and did not"]
        case .unwritable(let line, let command, let printed, let reason):
            ["\(at(line)) `\(command)` printed a line that \(reason): \(quoted(printed))"]
        case .afterQuit(let line, let quitLine):
            ["\(at(line)) the session ended at line \(quitLine): nothing below it can run"]
        case .wrongAnswer(let line, let starred, let observed):
            ["\(at(line)) the starred choice is `\(starred)`, the lab shows \(shown(observed))"]
        case .goalMetBefore(let line, let goal):
            ["\(at(line)) goal `\(goal)` is already met before the solution"]
        case .goalNotMet(let line, let goal, let observed):
            ["\(at(line)) goal `\(goal)` is not met by the solution: \(shown(observed))"]
        case .solutionFailed(let line, let command, let printed):
            ["\(at(line)) solution `\(command)` failed"] + printed.map { "    \($0)" }
        case .elidedInLesson(let line):
            ["\(at(line)) an elided line: a lesson shows everything its commands print"]
        case .notRepeatable(let run, let diff):
            ["\(path): not repeatable: run \(run) did not print what run 1 did"]
                + ["--- run 1", "+++ run \(run)"] + diff
        case .notWritten(let reason): ["\(path): not updated: \(reason)"]
        }
    }

    private func shown(_ observed: String?) -> String { observed.map { "`\($0)`" } ?? "nothing" }

    /// With its blanks and control characters made visible.
    private func quoted(_ line: String) -> String { line.debugDescription }
}

/// Why a printed line cannot stand in a fence and be read back as the same line.
enum UnwritableReason: Hashable, Sendable, CustomStringConvertible {
    case trailingSpace
    case controlCharacter
    case looksLikeCommand
    case looksLikeElision
    case looksLikeFence

    /// Nil when the line can stand in a fence.
    init?(_ line: String) {
        if line.hasControlCharacter {
            self = .controlCharacter
        } else if line.hasTrailingSpace {
            self = .trailingSpace
        } else if line.hasPrefix(">") {
            self = .looksLikeCommand
        } else if OutputPattern(text: line).isElided {
            self = .looksLikeElision
        } else if line.trimmed.hasPrefix("```") {
            self = .looksLikeFence
        } else {
            return nil
        }
    }

    var description: String {
        switch self {
        case .trailingSpace: "ends in a blank"
        case .controlCharacter: "holds a control character"
        case .looksLikeCommand: "begins with `>` like a command"
        case .looksLikeElision: "reads as an elision"
        case .looksLikeFence: "reads as the end of its fence"
        }
    }
}
