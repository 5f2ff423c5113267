/// Reads lines into commands.
///
/// A value without memory: the same line in the same context is always the same command. A line is
/// read whole before anything of it runs, so a mistake in its second command keeps the first from
/// running.
package struct CommandParser<Made> {
    private let table: CommandTable
    private let context: ParsingContext
    private let make: (CommandSpec, BoundArguments) throws(Fault) -> Made

    /// A parser for a lab with these names; `make` gives the command of a row its words.
    package init(
        table: CommandTable, context: ParsingContext,
        make: @escaping (CommandSpec, BoundArguments) throws(Fault) -> Made
    ) {
        self.table = table
        self.context = context
        self.make = make
    }

    /// The commands of a line, none for an empty line or a comment. A line end inside it separates
    /// commands as `;` does.
    package func parse(_ line: String) throws(CommandError) -> [ParsedCommand<Made>] {
        do throws(Fault) { return try commands(of: line) } catch {
            throw CommandError(error, in: line)
        }
    }

    private func commands(of line: String) throws(Fault) -> [ParsedCommand<Made>] {
        let tokens = Tokenizer(line)
        if let fault = tokens.fault { throw fault }
        var commands: [ParsedCommand<Made>] = []
        for statement in tokens.statements { commands.append(try parse(statement, in: line)) }
        return commands
    }

    private func parse(
        _ statement: [Word], in line: String
    ) throws(Fault) -> ParsedCommand<Made> {
        guard let first = statement.first, let last = statement.last else {
            preconditionFailure("the tokenizer made a command without words")
        }
        let spec = try spec(named: first)
        let bound = try bind(statement, spec)
        let range = first.range.lowerBound..<last.range.upperBound
        return ParsedCommand(
            command: bound.wantsHelp ? try help(on: spec) : try make(spec, BoundArguments(bound)),
            wantsJSON: bound.wantsJSON,
            text: String(decoding: Array(line.utf8)[range], as: UTF8.self))
    }

    private func bind(_ statement: [Word], _ spec: CommandSpec) throws(Fault) -> ArgumentBinder {
        try ArgumentBinder(spec: spec, statement: statement, table: table, context: context)
    }

    /// `promote --help` is `help promote`.
    private func help(on spec: CommandSpec) throws(Fault) -> Made {
        let words = ["help", spec.name].map { Word(text: $0, raw: $0, range: 0..<0) }
        let help = try self.spec(named: words[0])
        return try make(help, BoundArguments(try bind(words, help)))
    }

    private func spec(named word: Word) throws(Fault) -> CommandSpec {
        if let spec = table.spec(named: word.raw) ?? table.spec(named: word.text) { return spec }
        let names = table.names(beginningWith: word.text)
        if context.isInteractive, !word.text.isEmpty {
            if names.count == 1, let spec = table.spec(named: names[0]) { return spec }
            if names.count > 1 { throw Fault(.ambiguousCommand(word.text, names: names), at: word) }
        }
        let similar = table.names(similarTo: word.text)
        throw Fault(.unknownCommand(word.raw, similar: similar), at: word)
    }
}

extension CommandError {
    /// Finds the terminal cells of a fault: its own line's, when the text has several.
    fileprivate init(_ fault: Fault, in text: String) {
        let bytes = Array(text.utf8)
        let start = min(fault.range.lowerBound, bytes.count)
        let lineStart = (bytes[..<start].lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
        let end = min(max(start, fault.range.upperBound), bytes.count)
        let beyond = fault.range.lowerBound - start
        self.init(
            fault.problem,
            column: DisplayWidth.of(String(decoding: bytes[lineStart..<start], as: UTF8.self))
                + beyond,
            width: DisplayWidth.of(String(decoding: bytes[start..<end], as: UTF8.self)))
    }
}
