/// A word of a line: what it says, and where it stands.
struct Word: Hashable, Sendable {
    /// The text after quotes and backslashes are taken off.
    let text: String
    /// The text as typed.
    let raw: String
    /// Where it stands: UTF-8 offsets in the line.
    let range: Range<Int>

    /// Whether it was typed without quotes and backslashes: only such words can be nodes before a
    /// key, options, flags or keywords.
    var isBare: Bool { text == raw }
}

/// What is wrong at a place of the line; becomes a ``CommandError`` when the line is at hand.
struct Fault: Error, Hashable {
    let problem: CommandProblem
    /// UTF-8 offsets in the line.
    let range: Range<Int>

    init(_ problem: CommandProblem, at range: Range<Int>) {
        self.problem = problem
        self.range = range
    }

    init(_ problem: CommandProblem, at word: Word) {
        self.init(problem, at: word.range)
    }
}
