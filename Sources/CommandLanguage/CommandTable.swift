/// All commands of the lab, in the order `help` shows them.
///
/// - Exactly one row for each ``Verb``.
/// - Every example parses in a lab with the nodes `p`, `r1` and `r2`.
public struct CommandTable: Hashable, Sendable {
    /// The rows.
    public let specs: [CommandSpec]

    private let byVerb: [Verb: CommandSpec]
    private let bySpelling: [String: CommandSpec]

    /// The lab's table.
    public static let standard = CommandTable(
        writing + transactions + network + replicas + failure + storage + failover + backup + look
            + outside + session)

    init(_ specs: [CommandSpec]) {
        self.specs = specs
        byVerb = Dictionary(specs.map { ($0.verb, $0) }, uniquingKeysWith: { first, _ in first })
        let spellings = specs.flatMap { spec in ([spec.name] + spec.spellings).map { ($0, spec) } }
        bySpelling = Dictionary(spellings, uniquingKeysWith: { first, _ in first })
    }

    /// The row of a verb.
    public subscript(_ verb: Verb) -> CommandSpec {
        guard let spec = byVerb[verb] else { preconditionFailure("no row for \(verb.rawValue)") }
        return spec
    }

    /// The row that `word` names in full, in any case of letters; `nil` for anything else.
    public func spec(named word: String) -> CommandSpec? { bySpelling[word.asciiLowercased] }

    /// The rows of a group, in order.
    public func specs(in group: CommandGroup) -> [CommandSpec] {
        specs.filter { $0.group == group }
    }

    /// The verbs that begin with `word`.
    func verbs(beginningWith word: String) -> [String] {
        let lowered = word.asciiLowercased
        return specs.map(\.name).filter { $0.hasPrefix(lowered) }
    }

    /// The verbs to suggest for a word that is none: those that look like it, else one that other
    /// tools call so.
    func verbs(similarTo word: String) -> [String] {
        let lowered = word.asciiLowercased
        if let spec = specs.first(where: { $0.triedWords.contains(lowered) }) { return [spec.name] }
        return Suggestion.similar(to: lowered, among: specs.map(\.name))
    }
}

extension Verb {
    /// Its row in the lab's table.
    public var spec: CommandSpec { CommandTable.standard[self] }
}

extension String {
    /// Lower case for A to Z alone, whatever the locale.
    var asciiLowercased: String {
        String(
            decoding: utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
    }
}
