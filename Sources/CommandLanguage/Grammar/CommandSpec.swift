/// A row of the command table: everything the language knows of one command.
///
/// Parsing, `help`, completion, hints, suggestions and the generated page all read this, so none of
/// them can disagree with another. Each command states its own, in its own file.
package struct CommandSpec: Hashable, Sendable {
    /// The verb: the first word of the command. No two are aliases of each other.
    package let name: String
    /// The task `help` sorts it under.
    package let group: CommandGroup
    /// Its arguments in usage order.
    package let parameters: [CommandParameter]
    /// One clause, for the list in `help`.
    package let summary: String
    /// What the chapter calls it and how it behaves: a few sentences, not wrapped; a line end
    /// begins a new paragraph.
    package let details: String
    /// A line that parses in a lab with `p`, `r1` and `r2`.
    package let example: String
    /// The names of commands to read on with.
    package let seeAlso: [String]
    /// Whether carrying it out can change the lab (and so belongs in a journal).
    package let changesState: Bool
    /// Other ways to write exactly this verb, such as `?` for `help`: terminal habits, not aliases.
    package let spellings: [String]
    /// Words people try first, from other tools: used to suggest this command, never to run it.
    package let triedWords: [String]

    package init(
        _ name: String, _ group: CommandGroup, _ parameters: [CommandParameter], summary: String,
        details: String, example: String, seeAlso: [String], changesState: Bool,
        spellings: [String] = [], triedWords: [String] = []
    ) {
        self.name = name
        self.group = group
        self.parameters = parameters
        self.summary = summary
        self.details = details
        self.example = example
        self.seeAlso = seeAlso
        self.changesState = changesState
        self.spellings = spellings
        self.triedWords = triedWords
    }

    /// `set [NODE] KEY VALUE`
    package var usage: String {
        parameters.isEmpty ? name : "\(name) \(CommandParameter.usage(of: parameters))"
    }

    /// The usage for a list of commands: a long one keeps what must be given.
    package var briefUsage: String {
        guard usage.utf8.count > Self.briefLength else { return usage }
        let required = parameters.filter { !$0.isOptional }
        return [name, CommandParameter.usage(of: required), "[...]"].filter { !$0.isEmpty }
            .joined(separator: " ")
    }

    private static let briefLength = 36

    /// The paragraphs of the details.
    var paragraphs: [String] {
        details.split(separator: "\n").map { String($0) }
    }

    /// The arguments found by their place.
    var positional: [CommandParameter] { parameters.filter(\.isPositional) }

    /// Whether the first argument is a node that may be left out: `get [NODE] KEY`.
    var takesLeadingNode: Bool {
        guard let first = parameters.first, positional.count > 1 else { return false }
        return first.form == .optional && (first.kind == .node || first.kind == .replica)
    }
}
