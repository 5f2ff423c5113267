extension CommandProblem {
    /// What is wrong, in one line.
    public var message: String {
        switch self {
        case .unclosedQuote(let quote): "a \(quote) quote is not closed"
        case .nothingAfterBackslash: "the line ends in a backslash"
        case .unknownCommand(let word, _): "unknown command \(quoted(word))"
        case .ambiguousCommand(let word, let verbs):
            "\(quoted(word)) could be \(CountText.list(verbs, joinedBy: "or"))"
        case .unknownNode(let word, let nodes, _):
            "no node \(quoted(word)); "
                + (nodes.isEmpty ? "there are none" : "nodes: \(nodes.joined(separator: ", "))")
        case .missingArgument(let name, let verb, _): "\(verb.rawValue): \(name) is missing"
        case .nodeReadAsTarget(let node, let missing, let verb, _):
            "\(verb.rawValue): \(node) is a node, so \(missing) is missing"
        case .extraWord(let word, let verb, _): "\(verb.rawValue): unexpected word \(quoted(word))"
        case .unknownFlag(let word, let verb): "\(verb.rawValue) has no option \(quoted(word))"
        case .unknownOption(let name, let verb): "\(verb.rawValue) has no option \(quoted(name))"
        case .badChoice(let value, let option, _): "\(option) cannot be \(quoted(value))"
        case .badWord(let word, let verb, let choices):
            "\(verb.rawValue): \(quoted(word)) is not \(CountText.list(choices, joinedBy: "or"))"
        case .repeated(let name, let verb): "\(verb.rawValue): \(quoted(name)) is given twice"
        case .badDuration(let error): error.message
        case .badCount(let word, let limits): Self.message(count: word, limits: limits)
        case .loadTooLong(let count, let every):
            "\(count) commits every \(TimeText.interval(every)) take longer than a year"
        case .badPosition(let word): "\(quoted(word)) is not a WAL position"
        case .badRange(let word): "\(quoted(word)) is not a WAL position or range"
        case .emptyKey(let verb): "\(verb.rawValue): the key is empty"
        case .zeroByte(let word): "\(quoted(word)) holds a zero byte, which text cannot"
        case .unknownSetting(let word, _):
            "the lab has no setting \(quoted(word))"
        case .unknownTopic(let word, _): "no help on \(quoted(word))"
        }
    }

    /// What to type instead, in one line.
    public var advice: String {
        switch self {
        case .unclosedQuote(let quote):
            "end the text with \(quote), or put a text that holds one in "
                + (quote == "'" ? "\"...\"" : "'...'")
        case .nothingAfterBackslash: "write \\\\ for the character itself"
        case .unknownCommand(_, let similar): Self.either(similar) ?? "help"
        case .ambiguousCommand(_, let verbs): Self.either(verbs) ?? "help"
        case .unknownNode(_, let nodes, let similar):
            Self.either(similar)
                ?? (nodes.isEmpty ? "status" : Self.either(nodes + ["primary"]) ?? "")
        case .missingArgument(_, let verb, let correction): correction ?? Self.usage(verb)
        case .nodeReadAsTarget(let node, _, let verb, let quotedForm):
            "\(verb.spec.usage), or \(quotedForm) for a key named \(node)"
        case .extraWord(_, let verb, let correction): correction ?? Self.usage(verb)
        case .unknownFlag(let word, let verb):
            "\(Self.flags(of: verb)); write \(ShellQuote.quoted(word)) for the text itself"
        case .unknownOption(_, let verb): Self.usage(verb)
        case .badChoice(_, let option, let choices):
            Self.either(choices.map { "\(option)=\($0)" }) ?? ""
        case .badWord(let word, let verb, let choices):
            Self.either(Suggestion.similar(to: word, among: choices)) ?? Self.usage(verb)
        case .repeated(_, let verb): Self.usage(verb)
        case .badDuration(let error): error.advice
        case .badCount(let word, let limits): Self.advice(count: word, limits: limits)
        case .loadTooLong: "a smaller count or a shorter interval, such as: load 12 every 66ms"
        case .badPosition: "a position as wal shows it, such as 0/1000060"
        case .badRange: "0/1000060 for one record, or 0/1000060.. for all from there on"
        case .emptyKey(let verb): verb.spec.example
        case .zeroByte: "a text without it"
        case .unknownSetting(_, let similar):
            Self.either(similar.map { "config \($0)" }) ?? "config, to see all there are"
        case .unknownTopic(_, let similar): Self.either(similar.map { "help \($0)" }) ?? "help"
        }
    }

    private static func either(_ words: [String]) -> String? {
        words.isEmpty ? nil : CountText.list(words, joinedBy: "or")
    }

    private static func flags(of verb: Verb) -> String {
        let own = verb.spec.parameters.compactMap { parameter -> String? in
            if case .flag(let word) = parameter.form { word } else { nil }
        }
        return CountText.list(own + ["--json", "--help"], joinedBy: "or")
    }

    private static func usage(_ verb: Verb) -> String {
        let spec = verb.spec
        return spec.usage == spec.example
            ? spec.usage : "\(spec.usage), for example: \(spec.example)"
    }

    private static func message(count word: String, limits: ClosedRange<Int>) -> String {
        guard let number = Int64(digits: word[...]) else {
            return "\(quoted(word)) is not a whole number"
        }
        return number < limits.lowerBound
            ? "\(number) is too few" : "\(number) is more than \(limits.upperBound)"
    }

    private static func advice(count word: String, limits: ClosedRange<Int>) -> String {
        let range = "a number from \(limits.lowerBound) to \(limits.upperBound)"
        let bare = word.filter { $0 != "," && $0 != "_" }
        guard bare != word, let number = Int(bare), limits.contains(number),
            bare.allSatisfy(\.isASCIIDigit)
        else { return range }
        return "write \(number), without separators"
    }
}

/// `word` in quotes for a message: escaped for display and never longer than a line can bear.
func quoted(_ word: String) -> String {
    let limit = 40
    let shown =
        word.unicodeScalars.count > limit ? String(word.unicodeScalars.prefix(limit)) + "..." : word
    return "'\(DisplayWidth.escaped(shown))'"
}
