package import WALFormat

/// The words of a command by parameter name, and how each kind is read: what a command is made
/// from.
package struct BoundArguments {
    private let spec: CommandSpec
    private let table: CommandTable
    private let context: ParsingContext
    private let values: [String: Word]
    private let end: Range<Int>

    init(_ binder: ArgumentBinder) {
        spec = binder.spec
        table = binder.table
        context = binder.context
        values = binder.values
        end = binder.end
    }

    /// The word of an argument that may be left out.
    package subscript(_ name: String) -> Word? { values[name] }

    /// The word of a required argument; the binder has made sure that it is there.
    package func word(_ name: String) throws(Fault) -> Word {
        guard let word = values[name] else {
            throw Fault(.missingArgument(name, of: spec), at: end)
        }
        return word
    }

    package func node(_ name: String) throws(Fault) -> NodeReference {
        try node(word(name))
    }

    package func optionalNode(_ name: String) throws(Fault) -> NodeReference? {
        guard let word = values[name] else { return nil }
        return try node(word)
    }

    /// A replica, whose link is meant, or whoever else has a link of its own.
    package func link(_ name: String, orOf others: [String]) throws(Fault) -> NodeReference {
        let word = try word(name)
        return others.contains(word.text) ? .named(word.text) : try node(word)
    }

    private func node(_ word: Word) throws(Fault) -> NodeReference {
        guard let node = context.node(word.text) else { throw .unknownNode(word, context) }
        return node
    }

    /// Whether a text that stands inside a word is a node's own name.
    package func isNode(_ text: String) -> Bool { context.nodeNames.contains(text) }

    /// A key: any text but the empty one.
    package func key(_ name: String) throws(Fault) -> String {
        let word = try word(name)
        guard !word.text.isEmpty else { throw Fault(.emptyKey(spec), at: word) }
        return try text(name)
    }

    /// A text that PostgreSQL's `text` can hold.
    package func text(_ name: String) throws(Fault) -> String {
        let word = try word(name)
        guard !word.text.utf8.contains(0) else { throw Fault(.zeroByte(word.text), at: word) }
        return word.text
    }

    package func optionalText(_ name: String) throws(Fault) -> String? {
        values[name] == nil ? nil : try text(name)
    }

    /// The value of `name=value`; it may not be empty.
    package func assigned(_ name: String) throws(Fault) -> String? {
        guard let word = values[name] else { return nil }
        guard !word.text.isEmpty else { throw Fault(.missingArgument(name, of: spec), at: word) }
        return try text(name)
    }

    /// The value of an option with choices, which the binder has checked.
    package func choice<Choice: RawRepresentable<String>>(
        _ name: String, of: Choice.Type
    ) -> Choice? {
        values[name].flatMap { Choice(rawValue: $0.text) }
    }

    /// One of a few words.
    package func word<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, of: Choice.Type
    ) throws(Fault) -> Choice {
        let word = try word(name)
        guard let choice = Choice(rawValue: word.text) else {
            let choices = Choice.allCases.map(\.rawValue)
            throw Fault(.badWord(word.text, of: spec, choices: choices), at: word)
        }
        return choice
    }
}

// Quantities and places.
extension BoundArguments {
    package func duration(_ name: String) throws(Fault) -> LabDuration {
        let word = try word(name)
        do throws(DurationError) { return try LabDuration(parsing: word.text) } catch {
            throw Fault(.badDuration(error), at: word)
        }
    }

    package func optionalInterval(_ name: String) throws(Fault) -> LabInterval? {
        guard let word = values[name] else { return nil }
        do throws(DurationError) { return try LabInterval(parsing: word.text) } catch {
            throw Fault(.badDuration(error), at: word)
        }
    }

    package func count(_ name: String, _ limits: ClosedRange<Int>) throws(Fault) -> Int {
        let word = try word(name)
        guard let number = Int64(digits: word.text[...]), let count = Int(exactly: number),
            limits.contains(count)
        else { throw Fault(.badCount(word.text, limits: limits), at: word) }
        return count
    }

    package func optionalCount(
        _ name: String, _ limits: ClosedRange<Int>
    ) throws(Fault) -> Int? {
        values[name] == nil ? nil : try count(name, limits)
    }

    /// A page's number: any that a relation could have.
    package func block(_ name: String) throws(Fault) -> Int {
        try count(name, 0...Int(UInt32.max) - 1)
    }

    package func position(_ name: String) throws(Fault) -> LSN {
        let word = try word(name)
        guard let position = LSN(word.text) else { throw Fault(.badPosition(word.text), at: word) }
        return position
    }

    package func optionalPosition(_ name: String) throws(Fault) -> LSN? {
        values[name] == nil ? nil : try position(name)
    }

    /// A WAL range; a word that cannot have been meant as one was meant as a node.
    package func optionalRange(_ name: String) throws(Fault) -> WALRange? {
        guard let word = values[name] else { return nil }
        if let range = WALRange(word.text) { return range }
        let looksLikeRange =
            word.text.contains("/") || word.text.contains(".") || values["NODE"] != nil
        throw looksLikeRange
            ? Fault(.badRange(word.text), at: word) : .unknownNode(word, context)
    }

    package func optionalSetting(_ name: String) throws(Fault) -> String? {
        guard let word = values[name] else { return nil }
        let known = context.configNames
        guard known.isEmpty || known.contains(word.text) else {
            let similar = Suggestion.similar(to: word.text, among: known)
            throw Fault(.unknownSetting(word.text, similar: similar), at: word)
        }
        return word.text
    }

    package func optionalTopic(_ name: String) throws(Fault) -> HelpTopic? {
        guard let word = values[name] else { return nil }
        if let topic = HelpTopic(word.text, in: table) { return topic }
        let similar = HelpTopic.names(similarTo: word.text, in: table)
        throw Fault(.unknownTopic(word.text, similar: similar), at: word)
    }
}
