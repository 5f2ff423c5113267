/// The body of a `task` or `predict` fence: free text, then parts that each begin with their name.
///
/// - A part is `name: text`; lines that begin with two blanks continue the one above.
/// - What stands above the first part is the text, with its line breaks kept.
struct FenceParts {
    struct Part {
        let name: String
        let line: SourceLine
        var text: String
    }

    /// What stands above the first part, without the empty lines around it.
    private(set) var text: [String] = []
    private(set) var parts: [Part] = []

    /// - Parameter names: the parts this fence knows; `- ` is the part of a choice.
    init(_ body: [SourceLine], names: [String]) throws(LineError) {
        for line in body {
            if let part = Self.part(line, names) {
                parts.append(part)
            } else if line.text.hasPrefix("  "), !parts.isEmpty {
                parts[parts.count - 1].text += " " + line.text.trimmed
            } else if parts.isEmpty, !Self.looksLikePart(line.text) {
                text.append(line.text.trimmed)
            } else if !line.text.trimmed.isEmpty {
                throw LineError(.strayLine(line.text), on: line)
            }
        }
        while text.first == "" { text.removeFirst() }
        while text.last == "" { text.removeLast() }
        for part in parts where part.text.isEmpty {
            throw LineError(.missing("text after `\(part.name)`"), on: part.line)
        }
    }

    func all(_ name: String) -> [Part] { parts.filter { $0.name == name } }

    func only(_ name: String) throws(LineError) -> Part? {
        let found = all(name)
        if found.count > 1 { throw LineError(.repeated("`\(name)`"), on: found[1].line) }
        return found.first
    }

    private static func part(_ line: SourceLine, _ names: [String]) -> Part? {
        for name in names where line.text.hasPrefix(name) {
            let text = String(line.text.dropFirst(name.count))
            guard text.isEmpty || text.hasPrefix(" ") || name.hasSuffix(" ") else { continue }
            return Part(name: name, line: line, text: text.trimmed)
        }
        return nil
    }

    /// `gaol: lost = 0`: one word in lower case before a colon is a part misspelled, not prose.
    private static func looksLikePart(_ text: String) -> Bool {
        let word = text.prefix { $0.isASCII && $0.isLowercase }
        return !word.isEmpty && text.dropFirst(word.count).hasPrefix(": ")
    }
}
