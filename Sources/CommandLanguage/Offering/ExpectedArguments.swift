/// Which arguments a half-typed command can still take: the one question behind completion and
/// hints.
///
/// Unlike the binder it judges nothing: a wrong word simply takes its place.
struct ExpectedArguments {
    /// The arguments not given yet, in usage order.
    private(set) var remaining: [CommandParameter]
    /// The argument that a keyword has just announced, if any.
    private(set) var announced: CommandParameter?

    init(spec: CommandSpec, words: [Word], context: ParsingContext) {
        remaining = spec.parameters
        for word in words { take(word, of: spec, context) }
    }

    private mutating func take(_ word: Word, of spec: CommandSpec, _ context: ParsingContext) {
        if let parameter = announced {
            announced = nil
            remaining.removeAll { $0 == parameter }
            return
        }
        if word.isBare, word.text.hasPrefix("--") {
            return remaining.removeAll { $0.form == .flag(word.text) }
        }
        for parameter in remaining {
            if case .keyword(word.text.asciiLowercased) = parameter.form {
                announced = parameter
                return
            }
            if let name = parameter.optionName, word.text.hasPrefix(name + "=") {
                remaining.removeAll { $0 == parameter }
                return
            }
        }
        takePositional(word, isNode: word.isBare && context.node(word.text) != nil, of: spec)
    }

    private mutating func takePositional(_ word: Word, isNode: Bool, of spec: CommandSpec) {
        let isFirst = remaining.filter(\.isPositional).count == spec.positional.count
        if isFirst, spec.takesLeadingNode, !isNode { remaining.removeFirst() }
        guard let index = remaining.firstIndex(where: \.isPositional) else { return }
        let taken = remaining.remove(at: index)
        guard case .oneOf(let alternatives) = taken.kind else { return }
        let chosen = alternatives.first { $0.word == word.text }
        remaining.insert(contentsOf: chosen?.parameters ?? [], at: index)
    }

    /// The words that may come next.
    func candidates(_ table: CommandTable, _ context: ParsingContext) -> [String] {
        if let announced { return Self.candidates(for: announced, table, context) }
        var words: [String] = []
        var mayContinue = true
        for parameter in remaining {
            switch parameter.form {
            case .keyword(let word): words.append(word)
            case .flag: break
            case .option: words += Self.candidates(for: parameter, table, context)
            case .assigned(let name, let example): words.append("\(name)=\(example)")
            case .required, .optional, .further, .paired:
                let isBehindGap = parameter.form == .further && parameter != remaining.first
                if mayContinue, !isBehindGap {
                    words += Self.candidates(for: parameter, table, context)
                }
                mayContinue = mayContinue && parameter.form == .optional
            }
        }
        return words
    }

    /// The flags that may come next, as they are typed.
    var flags: [String] {
        guard announced == nil else { return [] }
        return remaining.compactMap { parameter in
            if case .flag(let word) = parameter.form { word } else { nil }
        }
    }

    private static func candidates(
        for parameter: CommandParameter, _ table: CommandTable, _ context: ParsingContext
    ) -> [String] {
        switch parameter.kind {
        case .node: return context.nodeWords
        case .replica: return context.replicaWords
        case .key: return context.keys
        case .slot: return context.slotNames
        case .setting: return context.configNames
        case .topic: return HelpTopic.names(in: table)
        case .choice:
            guard case .option(let name, let choices) = parameter.form else { return [] }
            return choices.map { "\(name)=\($0)" }
        case .settingValue: return ["off", "on"]
        case .oneOf(let alternatives): return alternatives.map(\.word)
        case .duration, .interval, .number, .position, .range, .free, .none: return []
        }
    }

    /// The rest of the usage: `KEY VALUE`.
    var usage: String {
        if let announced {
            let rest = CommandParameter.usage(of: remaining.filter { $0 != announced })
            return rest.isEmpty ? announced.name : "\(announced.name) \(rest)"
        }
        let isHalfPaired = remaining.filter(\.form.isPaired).count == 1
        let shown = remaining.map { parameter in
            isHalfPaired && parameter.form.isPaired
                ? CommandParameter(parameter.name, parameter.kind) : parameter
        }
        return CommandParameter.usage(of: shown)
    }
}
