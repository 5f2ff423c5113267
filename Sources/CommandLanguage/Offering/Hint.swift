/// The dim reminder at the right edge of the prompt: which arguments are still to come.
package enum Hint {
    /// The rest of the usage of the line's last command, plain ASCII; empty when there is nothing
    /// to say.
    package static func forLine(_ line: String, table: CommandTable, context: ParsingContext)
        -> String
    {
        let tokens = Tokenizer(line)
        guard !tokens.endsInsideComment, !tokens.endsBetweenCommands,
            let statement = tokens.statements.last, let first = statement.first
        else { return "" }
        let isTypingVerb = statement.count == 1 && tokens.endsInsideWord
        let spec =
            isTypingVerb ? table.spec(named: first.raw) : table.spec(inProgress: first, context)
        guard let spec else { return "" }
        let words = Array(statement.dropFirst())
        return ExpectedArguments(spec: spec, words: words, context: context).usage
    }
}
