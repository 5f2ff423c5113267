extension HelpTopic {
    /// Reads a verb (in any of its spellings), a group or `syntax`, in any case of letters.
    public init?(_ text: String) {
        let lowered = text.asciiLowercased
        if let spec = CommandTable.standard.spec(named: lowered) {
            self = .command(spec.verb)
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

    /// Every word that `help` understands, verbs first.
    static var names: [String] {
        CommandTable.standard.specs.map(\.name) + CommandGroup.allCases.map(\.rawValue) + ["syntax"]
    }

    /// The topics to suggest for a word that is none.
    static func names(similarTo word: String) -> [String] {
        let verbs = CommandTable.standard.verbs(similarTo: word)
        let all = Suggestion.similar(to: word, among: names)
        return Array((all + verbs.filter { !all.contains($0) }).prefix(3))
    }
}
