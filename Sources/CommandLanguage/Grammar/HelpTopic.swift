/// What `help` can be asked about.
package enum HelpTopic: Hashable, Sendable {
    /// One command: `help promote`.
    case command(CommandSpec)
    /// The commands of one task: `help storage`.
    case group(CommandGroup)
    /// How commands are written: `help syntax`.
    case syntax
    /// The whole table as a Markdown page: `help --markdown`.
    case page

    /// Reads a command (in any of its spellings), a group or `syntax`, in any case of letters.
    init?(_ text: String, in table: CommandTable) {
        let lowered = text.asciiLowercased
        if let spec = table.spec(named: lowered) {
            self = .command(spec)
        } else if let group = CommandGroup(rawValue: lowered) {
            self = .group(group)
        } else if lowered == "syntax" {
            self = .syntax
        } else if lowered == Self.pageFlag {
            self = .page
        } else {
            return nil
        }
    }

    /// What asks for the page.
    static let pageFlag = "--markdown"

    /// Every word that `help` understands, commands first.
    static func names(in table: CommandTable) -> [String] {
        table.specs.map(\.name) + CommandGroup.allCases.map(\.rawValue) + ["syntax"]
    }

    /// The topics to suggest for a word that is none.
    static func names(similarTo word: String, in table: CommandTable) -> [String] {
        let commands = table.names(similarTo: word)
        let all = Suggestion.similar(to: word, among: names(in: table))
        return Array((all + commands.filter { !all.contains($0) }).prefix(3))
    }
}
