internal import CommandLanguage

/// Reads lines into the commands of a list.
struct CommandReader {
    /// The rows of the list.
    let table: CommandTable
    private let kinds: [String: CommandKind]

    init(_ list: [CommandKind]) {
        table = CommandTable(list.map(\.spec))
        kinds = Dictionary(
            list.map { ($0.spec.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The commands of a line, none of them carried out.
    func commands(
        of line: String, in context: ParsingContext
    ) throws(CommandError) -> [ParsedCommand<SessionCommand>] {
        try CommandParser(table: table, context: context) { spec, arguments throws(Fault) in
            guard let kind = kinds[spec.name] else {
                preconditionFailure("\(spec.name) has a row and is not in the list")
            }
            return try kind.command(arguments)
        }.parse(line)
    }
}
