internal import WALFormat

/// The words of a command by parameter name, and how each kind is read.
struct BoundArguments {
    let verb: Verb
    let context: ParsingContext
    private let values: [String: Word]
    private let end: Range<Int>

    init(_ binder: ArgumentBinder) {
        verb = binder.spec.verb
        context = binder.context
        values = binder.values
        end = binder.end
    }

    /// The word of an argument that may be left out.
    subscript(_ name: String) -> Word? { values[name] }

    /// The word of a required argument; the binder has made sure that it is there.
    private func word(_ name: String) throws(Fault) -> Word {
        guard let word = values[name] else {
            throw Fault(.missingArgument(name, of: verb), at: end)
        }
        return word
    }

    func node(_ name: String) throws(Fault) -> NodeReference {
        try Self.node(word(name), context)
    }

    func optionalNode(_ name: String) throws(Fault) -> NodeReference? {
        guard let word = values[name] else { return nil }
        return try Self.node(word, context)
    }

    private static func node(_ word: Word, _ context: ParsingContext) throws(Fault) -> NodeReference
    {
        guard let node = context.node(word.text) else { throw unknownNode(word, context) }
        return node
    }

    static func unknownNode(_ word: Word, _ context: ParsingContext) -> Fault {
        let similar = Suggestion.similar(to: word.text, among: context.nodeWords)
        let nodes = context.nodeNames
        return Fault(
            .unknownNode(
                word.text, nodes: nodes, similar: similar.count < nodes.count ? similar : []),
            at: word)
    }

    /// A key: any text but the empty one.
    func key(_ name: String) throws(Fault) -> String {
        let word = try word(name)
        guard !word.text.isEmpty else { throw Fault(.emptyKey(verb), at: word) }
        return try text(name)
    }

    /// A text that PostgreSQL's `text` can hold.
    func text(_ name: String) throws(Fault) -> String {
        let word = try word(name)
        guard !word.text.utf8.contains(0) else { throw Fault(.zeroByte(word.text), at: word) }
        return word.text
    }

    /// The value of `name=value`, by default another; it may not be empty.
    func assigned(_ name: String, default other: String) throws(Fault) -> String {
        guard let word = values[name] else { return other }
        guard !word.text.isEmpty else { throw Fault(.missingArgument(name, of: verb), at: word) }
        return try text(name)
    }

    func duration(_ name: String) throws(Fault) -> LabDuration {
        let word = try word(name)
        do throws(DurationError) { return try LabDuration(parsing: word.text) } catch {
            throw Fault(.badDuration(error), at: word)
        }
    }

    func optionalInterval(_ name: String) throws(Fault) -> LabInterval? {
        guard let word = values[name] else { return nil }
        do throws(DurationError) { return try LabInterval(parsing: word.text) } catch {
            throw Fault(.badDuration(error), at: word)
        }
    }

    func count(_ name: String, _ limits: ClosedRange<Int>) throws(Fault) -> Int {
        let word = try word(name)
        guard let number = Int64(digits: word.text[...]), let count = Int(exactly: number),
            limits.contains(count)
        else { throw Fault(.badCount(word.text, limits: limits), at: word) }
        return count
    }

    /// A page's number: any that a relation could have.
    func block(_ name: String) throws(Fault) -> Int {
        try count(name, 0...Int(UInt32.max) - 1)
    }

    func position(_ name: String) throws(Fault) -> LSN {
        let word = try word(name)
        guard let position = LSN(word.text) else { throw Fault(.badPosition(word.text), at: word) }
        return position
    }

    func diskCondition(_ name: String) throws(Fault) -> DiskCondition {
        let word = try word(name)
        switch DiskCondition.Word(rawValue: word.text) {
        case .full: return .full
        case .room: return .room(megabytes: try count("MB", DiskCondition.rooms))
        case .eio: return .eio
        case .ok: return .ok
        case nil:
            let choices = DiskCondition.Word.allCases.map(\.rawValue)
            throw Fault(.badWord(word.text, of: verb, choices: choices), at: word)
        }
    }

    /// Refuses a word that is none of these.
    func check(_ name: String, isAmong choices: [String]) throws(Fault) {
        let word = try word(name)
        guard choices.contains(word.text) else {
            throw Fault(.badWord(word.text, of: verb, choices: choices), at: word)
        }
    }

    func slotAction(_ name: String) throws(Fault) -> SlotAction {
        let word = try word(name)
        guard let action = SlotAction(rawValue: word.text) else {
            let choices = SlotAction.allCases.map(\.rawValue)
            throw Fault(.badWord(word.text, of: verb, choices: choices), at: word)
        }
        return action
    }

    /// What to damage: the word and the arguments it brought with it.
    func damage(_ name: String) throws(Fault) -> DamageKind {
        let word = try word(name)
        switch word.text {
        case DamageKind.Word.torn.rawValue: return .torn
        case DamageKind.Word.wal.rawValue: return .wal(at: try position("LSN"))
        case DamageKind.Word.page.rawValue:
            return .page(
                block: try block("N"), offset: try count("BYTE", DamageKind.pageOffsets))
        default:
            let choices = DamageKind.Word.allCases.map(\.rawValue)
            throw Fault(.badWord(word.text, of: verb, choices: choices), at: word)
        }
    }

    /// A WAL range; a word that cannot have been meant as one was meant as a node.
    func optionalRange(_ name: String) throws(Fault) -> WALRange? {
        guard let word = values[name] else { return nil }
        if let range = WALRange(word.text) { return range }
        let looksLikeRange =
            word.text.contains("/") || word.text.contains(".") || values["NODE"] != nil
        throw looksLikeRange
            ? Fault(.badRange(word.text), at: word) : Self.unknownNode(word, context)
    }

    func optionalSetting(_ name: String) throws(Fault) -> String? {
        guard let word = values[name] else { return nil }
        let known = context.configNames
        guard known.isEmpty || known.contains(word.text) else {
            let similar = Suggestion.similar(to: word.text, among: known)
            throw Fault(.unknownSetting(word.text, similar: similar), at: word)
        }
        return word.text
    }

    func optionalTopic(_ name: String) throws(Fault) -> HelpTopic? {
        guard let word = values[name] else { return nil }
        if let topic = HelpTopic(word.text) { return topic }
        throw Fault(
            .unknownTopic(word.text, similar: HelpTopic.names(similarTo: word.text)), at: word)
    }
}

extension DiskCondition {
    /// The words for the conditions.
    enum Word: String, CaseIterable {
        case full, room, eio, ok
    }

    /// Megabytes that may be left.
    static let rooms = 0...1_000_000
}

extension DamageKind {
    /// The words for the kinds.
    enum Word: String, CaseIterable {
        case torn, wal, page
    }

    /// Where a page's bytes are.
    static let pageOffsets = 0...8191
}
