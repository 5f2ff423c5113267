/// The rows of all commands, in the order `help` shows them.
///
/// - No name and no spelling stands for two commands.
/// - Every example parses in a lab with the nodes `p`, `r1` and `r2`.
package struct CommandTable: Hashable, Sendable {
    /// The rows.
    package let specs: [CommandSpec]

    private let bySpelling: [String: CommandSpec]

    /// A table of these rows.
    package init(_ specs: [CommandSpec]) {
        self.specs = specs
        let spellings = specs.flatMap { spec in ([spec.name] + spec.spellings).map { ($0, spec) } }
        bySpelling = Dictionary(spellings, uniquingKeysWith: { first, _ in first })
    }

    /// The row that `word` names in full, in any case of letters; `nil` for anything else.
    package func spec(named word: String) -> CommandSpec? { bySpelling[word.asciiLowercased] }

    /// The rows of a group, in order.
    package func specs(in group: CommandGroup) -> [CommandSpec] {
        specs.filter { $0.group == group }
    }

    /// The commands that begin with `word`.
    func names(beginningWith word: String) -> [String] {
        let lowered = word.asciiLowercased
        return specs.map(\.name).filter { $0.hasPrefix(lowered) }
    }

    /// The commands to suggest for a word that is none: one that other tools call so, else those
    /// that look like it.
    func names(similarTo word: String) -> [String] {
        let lowered = word.asciiLowercased
        if let spec = specs.first(where: { $0.triedWords.contains(lowered) }) { return [spec.name] }
        return Suggestion.similar(to: lowered, among: specs.map(\.name))
    }
}
