internal import CommandLanguage

/// A `task` fence: something to bring about, by any commands that reach it.
///
/// - Every goal is false before the solution and true after it; showing the solution never counts
///   as having done it.
/// - `when` lines answer a known wrong turn; hints are given one by one, in the order written.
package struct LabTask: Hashable, Sendable {
    /// A fact to be brought about, and the line that asks for it.
    package struct WantedGoal: Hashable, Sendable {
        /// The fact.
        package let goal: Goal
        /// Counted from 1.
        package let line: Int
    }

    /// A known wrong turn: what it is seen by, and what to tell the student.
    package struct WrongTurn: Hashable, Sendable {
        /// The fact that shows it.
        package let condition: Goal
        /// What to say.
        package let message: String
    }

    /// One prompt line of the solution, and where it stands.
    package struct SolutionLine: Hashable, Sendable {
        /// The prompt line; may hold several commands joined by `;`.
        package let command: String
        /// Counted from 1.
        package let line: Int
    }

    /// What to do, a line each.
    package let text: [String]
    /// At least one.
    package let goals: [WantedGoal]
    /// In the order to try them.
    package let wrongTurns: [WrongTurn]
    /// In the order to give them.
    package let hints: [String]
    /// At least one line; run in order.
    package let solution: [SolutionLine]

    init(
        _ body: [SourceLine], opening: SourceLine, _ names: ParsingContext
    ) throws(LineError) {
        let parts = try FenceParts(body, names: ["goal:", "when:", "hint:", "solution:"])
        text = parts.text
        hints = parts.all("hint:").map(\.text)
        solution = parts.all("solution:").map {
            SolutionLine(command: $0.text, line: $0.line.number)
        }
        goals = try parts.all("goal:").map { part throws(LineError) in
            WantedGoal(goal: try Self.goal(part.text, part.line, names), line: part.line.number)
        }
        wrongTurns = try parts.all("when:").map { part throws(LineError) in
            try Self.wrongTurn(part, names)
        }
        guard !text.isEmpty else { throw LineError(.missing("text"), on: opening) }
        guard !goals.isEmpty else { throw LineError(.missing("`goal:`"), on: opening) }
        guard !solution.isEmpty else { throw LineError(.missing("`solution:`"), on: opening) }
    }

    private static func goal(
        _ text: String, _ line: SourceLine, _ names: ParsingContext
    ) throws(LineError) -> Goal {
        do { return try Goal(parsing: text, in: names) } catch { throw LineError(error, on: line) }
    }

    private static func wrongTurn(
        _ part: FenceParts.Part, _ names: ParsingContext
    ) throws(LineError) -> WrongTurn {
        guard let arrow = part.text.firstRange(of: " -> ") else {
            throw LineError(.badWhen(part.text), on: part.line)
        }
        let message = String(part.text[arrow.upperBound...]).trimmed
        guard !message.isEmpty else { throw LineError(.badWhen(part.text), on: part.line) }
        let condition = try goal(String(part.text[..<arrow.lowerBound]), part.line, names)
        return WrongTurn(condition: condition, message: message)
    }
}
