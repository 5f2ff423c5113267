extension Fact {
    /// Reads a fact in a lab with these nodes and settings.
    package init(_ words: [String], in context: ParsingContext) throws(FactProblem) {
        guard let name = words.first else { throw .unknown("", similar: []) }
        let rest = words.dropFirst()
        func exactly(_ count: Int, _ arguments: String) throws(FactProblem) {
            guard rest.count == count else {
                throw .misshapen(
                    words.joined(separator: " "),
                    usage: arguments.isEmpty ? name : "\(name) \(arguments)")
            }
        }
        if let fact = LabFact(rawValue: name) {
            try exactly(0, "")
            self = .lab(fact)
        } else if let fact = NodeFact(rawValue: name) {
            try exactly(1, "NODE")
            self = .node(fact, try Self.node(words[1], context))
        } else if let form = FactForm(rawValue: name) {
            try exactly(2, form.arguments)
            let node = try Self.node(words[1], context)
            switch form {
            case .value: self = .value(node, key: words[2])
            case .walStatus: self = .walStatus(node, slot: words[2])
            case .diff: self = .diff(node, try Self.node(words[2], context))
            }
        } else if context.configNames.contains(name) {
            try exactly(0, "")
            self = .setting(name)
        } else {
            throw .unknown(name, similar: Self.usages(similarTo: name, context))
        }
    }

    private static func node(
        _ word: String, _ context: ParsingContext
    ) throws(FactProblem) -> NodeReference {
        guard let node = context.node(word) else {
            let similar = Suggestion.similar(to: word, among: context.nodeWords)
            throw .unknownNode(word, similar: similar.isEmpty ? context.nodeWords : similar)
        }
        return node
    }

    /// The facts whose names look like a word, as they are written.
    private static func usages(similarTo word: String, _ context: ParsingContext) -> [String] {
        let usages =
            LabFact.allCases.map { ($0.rawValue, $0.rawValue) }
            + NodeFact.allCases.map { ($0.rawValue, "\($0.rawValue) NODE") }
            + FactForm.allCases.map { ($0.rawValue, "\($0.rawValue) \($0.arguments)") }
            + context.configNames.map { ($0, $0) }
        let similar = Suggestion.similar(to: word, among: usages.map(\.0))
        return similar.flatMap { name in usages.filter { $0.0 == name }.map(\.1) }
    }
}

/// Why some words are no fact.
package enum FactProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is none by this name.
    case unknown(String, similar: [String])
    /// Too few words for it, or too many.
    case misshapen(String, usage: String)
    /// The lab has no such node.
    case unknownNode(String, similar: [String])
}

extension FactProblem {
    /// What is wrong, and what to write instead, in one line.
    package var description: String {
        switch self {
        case .unknown(let name, let similar):
            "there is no fact `\(name)`"
                + (similar.isEmpty ? ", such as `commits r1` or `lost`" : Self.instead(similar))
        case .misshapen(let text, let usage): "`\(text)` is no fact" + Self.instead([usage])
        case .unknownNode(let word, let similar):
            "there is no node `\(word)`" + Self.instead(similar)
        }
    }

    private static func instead(_ words: [String]) -> String {
        ": write " + CountText.list(words.map { "`\($0)`" }, joinedBy: "or")
    }
}
