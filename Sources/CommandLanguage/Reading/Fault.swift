/// What is wrong at a place of the line; becomes a ``CommandError`` when the line is at hand.
package struct Fault: Error, Hashable, CustomStringConvertible {
    let problem: CommandProblem
    /// UTF-8 offsets in the line.
    let range: Range<Int>

    package var description: String { problem.message }

    init(_ problem: CommandProblem, at range: Range<Int>) {
        self.problem = problem
        self.range = range
    }

    package init(_ problem: CommandProblem, at word: Word) {
        self.init(problem, at: word.range)
    }

    /// A word that should be a node's name.
    static func unknownNode(_ word: Word, _ context: ParsingContext) -> Fault {
        let similar = Suggestion.similar(to: word.text, among: context.nodeWords)
        let nodes = context.nodeNames
        return Fault(
            .unknownNode(
                word.text, nodes: nodes, similar: similar.count < nodes.count ? similar : []),
            at: word)
    }
}
