/// One entry of a replication command's list: `( NAME value, NAME, …)`.
struct ReplicationOption: Hashable {
    /// In lower case.
    let name: String
    /// As text, whatever it was.
    let value: String?
    let position: Int

    func error(_ problem: SQLSyntaxError.OptionProblem) -> SQLSyntaxError {
        SQLSyntaxError(.option(name, problem), at: position)
    }

    /// PostgreSQL: `defGetBoolean`; an option without a value is true.
    func boolean() throws(SQLSyntaxError) -> Bool {
        switch value?.lowercased() {
        case nil, "1", "true", "on": true
        case "0", "false", "off": false
        default: throw error(.notBoolean)
        }
    }

    func text() throws(SQLSyntaxError) -> String {
        guard let value else { throw error(.missingValue) }
        return value
    }
}

extension SQLParser {
    /// The list, or `nil` if there is none. The same name twice is refused.
    mutating func optionList() throws(SQLSyntaxError) -> [ReplicationOption]? {
        guard try acceptSymbol("(") else { return nil }
        var options: [ReplicationOption] = []
        var names: Set<String> = []
        repeat {
            let option = try option()
            guard names.insert(option.name).inserted else { throw option.error(.redundant) }
            options.append(option)
        } while try acceptSymbol(",")
        try expectSymbol(")")
        return options
    }

    private mutating func option() throws(SQLSyntaxError) -> ReplicationOption {
        let position = token.position
        let name = try identifier().lowercased()
        switch token.kind {
        case .text(let value), .number(let value), .word(let value), .quotedIdentifier(let value):
            try advance()
            return ReplicationOption(name: name, value: value, position: position)
        case .parameter, .lsn, .symbol, .end:
            return ReplicationOption(name: name, value: nil, position: position)
        }
    }
}
