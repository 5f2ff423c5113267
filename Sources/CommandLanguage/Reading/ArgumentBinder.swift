internal import JSON

/// Gives each word of a command its place among the parameters of the command's row.
///
/// It knows the shapes of arguments, not their meanings: reading a duration or a node's name is for
/// ``BoundArguments``. A node that may be left out before a key is recognised by being a bare node
/// word.
struct ArgumentBinder {
    let spec: CommandSpec
    let table: CommandTable
    let context: ParsingContext
    /// The verb and all words after it.
    let statement: [Word]

    private(set) var values: [String: Word] = [:]
    private(set) var wantsJSON = false
    private(set) var wantsHelp = false
    private(set) var positional: [Word] = []

    init(
        spec: CommandSpec, statement: [Word], table: CommandTable, context: ParsingContext
    ) throws(Fault) {
        self.spec = spec
        self.table = table
        self.statement = statement
        self.context = context
        try takeNamedArguments()
        if !wantsHelp { try bindPositional() }
    }

    /// The place just after the last word, where a missing argument belongs.
    var end: Range<Int> {
        let last = statement.last?.range.upperBound ?? 0
        return last + 1..<last + 2
    }

    /// Takes flags, options and announced arguments out of the words.
    private mutating func takeNamedArguments() throws(Fault) {
        var rest = statement.dropFirst()
        while let word = rest.popFirst() {
            if word.isBare, word.text.hasPrefix("--") {
                try takeFlag(word)
            } else if word.isBare, let parameter = keyword(word.text) {
                guard let value = rest.popFirst() else {
                    throw Fault(.missingArgument(parameter.name, of: spec), at: end)
                }
                try bind(value, to: parameter, named: word)
            } else if word.isBare, let (parameter, value) = assignedKeyword(word) {
                try bind(value, to: parameter, named: word)
            } else if word.isBare, hasOptions, let equals = word.text.firstIndex(of: "=") {
                try takeOption(word, name: String(word.text[..<equals]))
            } else {
                positional.append(word)
            }
        }
    }

    private var takesTopic: Bool { spec.parameters.contains { $0.kind == .topic } }

    private var hasOptions: Bool { spec.parameters.contains { $0.optionName != nil } }

    private func keyword(_ text: String) -> CommandParameter? {
        spec.parameters.first { $0.form == .keyword(text.asciiLowercased) }
    }

    /// `every=66ms` says what `every 66ms` says.
    private func assignedKeyword(_ word: Word) -> (CommandParameter, Word)? {
        guard let equals = word.text.firstIndex(of: "="),
            let parameter = keyword(String(word.text[..<equals]))
        else { return nil }
        let value = String(word.text[word.text.index(after: equals)...])
        return (parameter, Word(text: value, raw: value, range: word.range))
    }

    private mutating func takeFlag(_ word: Word) throws(Fault) {
        switch word.text {
        case "--json": wantsJSON = true
        case "--help": wantsHelp = true
        case HelpTopic.pageFlag where takesTopic: positional.append(word)
        default:
            guard let flag = spec.parameters.first(where: { $0.form == .flag(word.text) }) else {
                throw Fault(.unknownFlag(word.text, of: spec), at: word)
            }
            values[flag.name] = word
        }
    }

    private mutating func takeOption(_ word: Word, name: String) throws(Fault) {
        for parameter in spec.parameters {
            guard parameter.optionName == name else { continue }
            let value = Word(
                text: String(word.text.dropFirst(name.count + 1)), raw: word.raw, range: word.range)
            if case .option(_, let choices) = parameter.form, !choices.contains(value.text) {
                throw Fault(.badChoice(value.text, option: name, choices: choices), at: word)
            }
            return try bind(value, to: parameter, named: word)
        }
        throw Fault(.unknownOption(name, of: spec), at: word)
    }

    private mutating func bind(
        _ value: Word, to parameter: CommandParameter, named name: Word
    ) throws(Fault) {
        guard values.updateValue(value, forKey: parameter.name) == nil else {
            throw Fault(.repeated(name.text, of: spec), at: name)
        }
    }

    private mutating func bindPositional() throws(Fault) {
        var words = positional[...]
        var parameters = spec.positional[...]
        if spec.takesLeadingNode, let node = parameters.popFirst() {
            values[node.name] = try takeTarget(from: &words, remaining: parameters)
        }
        while let parameter = parameters.popFirst() {
            guard let word = words.popFirst() else {
                if parameter.form == .optional || parameter.form == .further { continue }
                if parameter.form.isPaired, positional.isEmpty { continue }
                throw missing(parameter)
            }
            if let next = parameters.first, isChoice(word, of: next), parameter.kind == .node {
                throw missingNode(parameter, before: word)
            }
            values[parameter.name] = word
            parameters = try following(word, parameter) + parameters
        }
        if let extra = words.first { throw unexpected(extra) }
    }

    /// The arguments that a word brings with it: those of its alternative.
    private func following(
        _ word: Word, _ parameter: CommandParameter
    ) throws(Fault) -> ArraySlice<CommandParameter> {
        guard case .oneOf(let alternatives) = parameter.kind else { return [] }
        guard let chosen = alternatives.first(where: { $0.word == word.text }) else {
            if spec.takesLeadingNode, parameter == spec.positional.dropFirst().first,
                values[spec.positional[0].name] == nil, resemblesNode(word)
            {
                throw Fault.unknownNode(word, context)
            }
            throw Fault(
                .badWord(word.text, of: spec, choices: alternatives.map(\.word)), at: word)
        }
        return chosen.parameters[...]
    }

    /// Whether a word that is no node was meant for a parameter that takes one of a few words.
    private func isChoice(_ word: Word, of parameter: CommandParameter) -> Bool {
        guard case .oneOf(let alternatives) = parameter.kind, !isNode(word) else { return false }
        return alternatives.contains { $0.word == word.text }
    }

    /// Takes the optional node: the first word, or for a key alone also the last.
    private func takeTarget(
        from words: inout ArraySlice<Word>, remaining: ArraySlice<CommandParameter>
    ) throws(Fault) -> Word? {
        if let first = words.first, isNode(first) { return words.popFirst() }
        if words.count == 1, let only = words.first, resemblesNode(only),
            !remaining.isEmpty, remaining.allSatisfy(\.isOptional)
        {
            throw Fault.unknownNode(only, context)
        }
        guard words.count > remaining.count, let first = words.first, let last = words.last else {
            return nil
        }
        if remaining.count == 1, words.count == 2, isNode(last) { return words.popLast() }
        if remaining.count == 1, words.count == 2, resemblesNode(last), !resemblesNode(first) {
            throw Fault.unknownNode(last, context)
        }
        let looksIntended = words.count == remaining.count + 1 && first.isBare
        if looksIntended, remaining.count == 1 || resemblesNode(first) {
            throw Fault.unknownNode(first, context)
        }
        return nil
    }

    func isNode(_ word: Word) -> Bool { word.isBare && context.node(word.text) != nil }

    /// Whether a word that is no node was probably meant as one: `r9`, `R1`, `pirmary`.
    private func resemblesNode(_ word: Word) -> Bool {
        let letters = word.text.prefix { $0.isLetter }
        let digits = word.text.dropFirst(letters.count)
        if letters == "r" || letters == "p", !digits.isEmpty, digits.allSatisfy(\.isASCIIDigit) {
            return true
        }
        let longNames = context.nodeWords.filter { $0.utf8.count > 2 }
        return !Suggestion.similar(to: word.text, among: longNames).isEmpty
            || context.nodeWords.contains { $0.asciiLowercased == word.text.asciiLowercased }
    }
}
