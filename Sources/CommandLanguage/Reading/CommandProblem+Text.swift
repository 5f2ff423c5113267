internal import JSON

extension CommandProblem {
    /// What is wrong, in one line.
    package var message: String {
        switch self {
        case .unclosedQuote(let quote): "a \(quote) quote is not closed"
        case .nothingAfterBackslash: "the line ends in a backslash"
        case .unknownCommand(let word, _): "unknown command \(quoted(word))"
        case .ambiguousCommand(let word, let names):
            "\(quoted(word)) could be \(CountText.list(names, joinedBy: "or"))"
        case .unknownNode(let word, let nodes, _):
            "no node \(quoted(word)); "
                + (nodes.isEmpty ? "there are none" : "nodes: \(nodes.joined(separator: ", "))")
        case .missingArgument(let name, let spec, _): "\(spec.name): \(name) is missing"
        case .nodeReadAsTarget(let node, let missing, let spec, _):
            "\(spec.name): \(node) is a node, so \(missing) is missing"
        case .extraWord(let word, let spec, _): "\(spec.name): unexpected word \(quoted(word))"
        case .unknownFlag(let word, let spec): "\(spec.name) has no option \(quoted(word))"
        case .unknownOption(let name, let spec): "\(spec.name) has no option \(quoted(name))"
        case .badChoice(let value, let option, _): "\(option) cannot be \(quoted(value))"
        case .badWord(let word, let spec, let choices):
            "\(spec.name): \(quoted(word)) is not \(CountText.list(choices, joinedBy: "or"))"
        case .repeated(let name, let spec): "\(spec.name): \(quoted(name)) is given twice"
        case .badDuration(let error): error.message
        case .badCount(let word, let limits): Self.message(count: word, limits: limits)
        case .unfit(let message, _): message
        case .badPosition(let word): "\(quoted(word)) is not a WAL position"
        case .badRange(let word): "\(quoted(word)) is not a WAL position or range"
        case .emptyKey(let spec): "\(spec.name): the key is empty"
        case .zeroByte(let word): "\(quoted(word)) holds a zero byte, which text cannot"
        case .unknownSetting(let word, _):
            "the lab has no setting \(quoted(word))"
        case .unknownTopic(let word, _): "no help on \(quoted(word))"
        }
    }

    /// What to type instead, in one line.
    package var advice: String {
        switch self {
        case .unclosedQuote(let quote):
            "end the text with \(quote), or put a text that holds one in "
                + (quote == "'" ? "\"...\"" : "'...'")
        case .nothingAfterBackslash: "write \\\\ for the character itself"
        case .unknownCommand(_, let similar): Self.either(similar) ?? "help"
        case .ambiguousCommand(_, let names): Self.either(names) ?? "help"
        case .unknownNode(_, let nodes, let similar):
            Self.either(similar)
                ?? (nodes.isEmpty ? "status" : Self.either(nodes + ["primary"]) ?? "")
        case .missingArgument(_, let spec, let correction): correction ?? Self.usage(spec)
        case .nodeReadAsTarget(let node, _, let spec, let quotedForm):
            "\(spec.usage), or \(quotedForm) for a key named \(node)"
        case .extraWord(_, let spec, let correction): correction ?? Self.usage(spec)
        case .unknownFlag(let word, let spec):
            "\(Self.flags(of: spec)); write \(ShellQuote.quoted(word)) for the text itself"
        case .unknownOption(_, let spec): Self.usage(spec)
        case .badChoice(_, let option, let choices):
            choices.count > 5
                ? "\(option)= one of \(choices.joined(separator: ", "))"
                : Self.either(choices.map { "\(option)=\($0)" }) ?? ""
        case .badWord(let word, let spec, let choices):
            Self.either(Suggestion.similar(to: word, among: choices)) ?? Self.usage(spec)
        case .repeated(_, let spec): Self.usage(spec)
        case .badDuration(let error): error.advice
        case .badCount(let word, let limits): Self.advice(count: word, limits: limits)
        case .unfit(_, let advice): advice
        case .badPosition: "a position as wal shows it, such as 0/1000060"
        case .badRange: "0/1000060 for one record, or 0/1000060.. for all from there on"
        case .emptyKey(let spec): spec.example
        case .zeroByte: "a text without it"
        case .unknownSetting(_, let similar):
            Self.either(similar.map { "config \($0)" }) ?? "config, to see all there are"
        case .unknownTopic(_, let similar): Self.either(similar.map { "help \($0)" }) ?? "help"
        }
    }

    private static func either(_ words: [String]) -> String? {
        words.isEmpty ? nil : CountText.list(words, joinedBy: "or")
    }

    private static func flags(of spec: CommandSpec) -> String {
        let own = spec.parameters.compactMap { parameter -> String? in
            if case .flag(let word) = parameter.form { word } else { nil }
        }
        return CountText.list(own + ["--json", "--help"], joinedBy: "or")
    }

    private static func usage(_ spec: CommandSpec) -> String {
        // What fits a line of 80 columns behind "try: ". Of a command with many options, an example
        // says more than all of them in a row.
        let forms = [
            spec.usage == spec.example ? nil : "\(spec.usage), for example: \(spec.example)",
            spec.usage,
        ]
        return forms.compactMap(\.self).first { $0.utf8.count <= 75 }
            ?? "\(spec.example), or help \(spec.name)"
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
