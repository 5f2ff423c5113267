/// What TAB offers at a place of a line.
///
/// - Only what the grammar allows there is offered, and of nodes only those that make sense.
/// - Candidates are whole words, quoted where they must be, sorted, without repeats.
package struct Completion: Hashable, Sendable {
    /// Where the word to replace begins: a UTF-8 offset in the line. It ends at the cursor.
    package let start: Int
    /// The words that may stand there.
    package let candidates: [String]

    /// What TAB offers with the cursor at the UTF-8 offset `cursor` of `line`; what stands behind
    /// the cursor does not matter.
    package static func candidates(
        line: String, cursor: Int, table: CommandTable, context: ParsingContext
    ) -> Completion {
        var before = Array(line.utf8.prefix(max(0, cursor)))
        // A cursor inside a character: go back to where it begins.
        while String(validating: before, as: UTF8.self) == nil { before.removeLast() }
        return Completion(
            before: String(decoding: before, as: UTF8.self), table: table, context: context)
    }

    private init(before text: String, table: CommandTable, context: ParsingContext) {
        let tokens = Tokenizer(text)
        let statement = tokens.endsBetweenCommands ? [] : tokens.statements.last ?? []
        let partial = tokens.endsInsideWord ? statement.last : nil
        start = partial?.range.lowerBound ?? text.utf8.count
        guard !tokens.endsInsideComment else {
            candidates = []
            return
        }
        let before = partial == nil ? statement[...] : statement.dropLast()
        let offered = Self.offered(after: Array(before), table: table, context: context)
        let typed = partial?.text ?? ""
        let ignoresCase = before.isEmpty
        let matching = offered.filter { Self.begins($0.text, with: typed, ignoresCase) }
        candidates = Set(matching)
            .sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }.map(\.typed)
    }

    /// The longest text that every candidate begins with.
    package var commonPrefix: String {
        guard var common = candidates.first?.unicodeScalars.map({ $0 }) else { return "" }
        for candidate in candidates.dropFirst() {
            let pairs = zip(common, candidate.unicodeScalars)
            common = Array(common.prefix(pairs.prefix { $0 == $1 }.count))
        }
        return String(String.UnicodeScalarView(common))
    }

    private static func begins(_ word: String, with typed: String, _ ignoresCase: Bool) -> Bool {
        let start = ignoresCase ? typed.asciiLowercased : typed
        return word.utf8.starts(with: start.utf8)
    }

    /// A word that may stand at the cursor.
    private struct Offer: Hashable {
        /// What it says.
        let text: String
        /// How it is written, quoted where it must be.
        let typed: String

        init(_ text: String) {
            self.text = text
            typed = ShellQuote.quoted(text)
        }

        /// A flag is one only without quotes.
        init(flag: String) {
            text = flag
            typed = flag
        }
    }

    private static func offered(
        after words: [Word], table: CommandTable, context: ParsingContext
    ) -> [Offer] {
        guard let first = words.first else { return table.specs.map { Offer($0.name) } }
        guard let spec = table.spec(inProgress: first, context) else { return [] }
        let next = ExpectedArguments(spec: spec, words: Array(words.dropFirst()), context: context)
        return next.candidates(table, context).map { Offer($0) }
            + next.flags.map { Offer(flag: $0) }
    }
}

extension CommandTable {
    /// The row of a verb as typed so far, a unique beginning included where that is allowed.
    func spec(inProgress word: Word, _ context: ParsingContext) -> CommandSpec? {
        if let spec = spec(named: word.raw) { return spec }
        let names =
            context.isInteractive && !word.text.isEmpty ? names(beginningWith: word.text) : []
        return names.count == 1 ? spec(named: names[0]) : nil
    }
}
