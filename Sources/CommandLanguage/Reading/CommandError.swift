/// A line the language cannot read: what is wrong, what to type instead, and where.
package struct CommandError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, with the offending word.
    package let problem: CommandProblem
    /// Where the bad word begins: terminal cells from the start of its line, 0-based.
    package let column: Int
    /// How many cells the bad word covers, at least 1.
    package let width: Int

    init(_ problem: CommandProblem, column: Int, width: Int) {
        self.problem = problem
        self.column = column
        self.width = max(1, width)
    }

    /// What is wrong, in one line.
    package var message: String { problem.message }
    package var description: String { message }
    /// What to type instead, in one line.
    package var advice: String { problem.advice }
    /// The same as a failed command says it.
    package var failure: Failure { Failure(message, advice: advice) }

    /// A line of spaces and carets that points at the bad word when printed under the typed line,
    /// which a prompt of `indent` cells had moved to the right.
    package func caretLine(indent: Int = 0) -> String {
        String(repeating: " ", count: max(0, indent) + column)
            + String(repeating: "^", count: min(width, 200))
    }
}
