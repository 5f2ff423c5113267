package import WireProtocol

extension SQLStatement {
    /// Parses the statements of one query text; empty statements vanish.
    ///
    /// As in PostgreSQL, one that is no SQL refuses the whole text, before any of it runs; one
    /// that is SQL and cannot be carried out is `.refused`, and those before it do run.
    package static func parse(_ text: String) throws(SQLSyntaxError) -> [SQLStatement] {
        var parser = try SQLParser(text, dialect: .sql)
        var statements: [SQLStatement] = []
        while parser.token.kind != .end {
            if try parser.acceptSymbol(";") { continue }
            statements.append(try parser.statementOrRefusal())
        }
        return statements
    }
}

extension SQLParser {
    fileprivate mutating func statementOrRefusal() throws(SQLSyntaxError) -> SQLStatement {
        do throws(SQLSyntaxError) {
            let statement = try statement()
            guard seesEnd else { throw leftover }
            return statement
        } catch {
            guard error.isSemantic else { throw error }
            while !seesEnd { try advance() }
            return .refused(error)
        }
    }

    private mutating func statement() throws(SQLSyntaxError) -> SQLStatement {
        operatorCount = 0
        guard let word else { throw unexpected }
        let start = self
        try advance()
        switch word {
        case "select": return try select()
        case "insert": return try insert()
        case "update": return try update()
        case "delete": return try delete()
        case "begin": return try begin()
        case "start":
            guard sees("transaction") else { throw unexpected }
            return try begin()
        case "commit", "end": return try finish(.commit)
        case "rollback", "abort": return try finish(.rollback)
        case "show": return .show(try settingName())
        case "set": return try set()
        case "alter":
            guard try accept("system") else { throw start.error(.unsupported("ALTER")) }
            return try alterSystem()
        case "reset": return .reset(try accept("all") ? nil : try settingName())
        case "deallocate": return try deallocate()
        case "discard":
            guard try accept("all") else { throw error(.unsupported("DISCARD of less than ALL")) }
            return .discardAll
        case "vacuum": return try vacuum()
        case "checkpoint": return .checkpoint
        default:
            throw Self.otherStatements.contains(word)
                ? start.error(.unsupported(word.uppercased())) : start.unexpected
        }
    }

    /// What stands where a statement should have ended: SQL that is not the lab's, or nonsense.
    var leftover: SQLSyntaxError {
        switch token.kind {
        case .word(let word) where Self.otherClauses.contains(word):
            error(.unsupported(word.uppercased()))
        case .symbol(let symbol) where symbol.utf8.allSatisfy(\.isOperator) && symbol != "*":
            error(.unsupported("the operator \(symbol)"))
        case .symbol(","): error(.unsupported("a list here"))
        case .word, .quotedIdentifier, .text, .number, .parameter, .lsn, .symbol, .end: unexpected
        }
    }

    private mutating func begin() throws(SQLSyntaxError) -> SQLStatement {
        try skipTransactionWord()
        var readOnly: Bool?
        var isolation: SQLIsolation?
        while !seesEnd {
            if try accept("read") {
                readOnly = try accept("only")
                if readOnly == false { try expect("write") }
            } else if try accept("isolation") {
                try expect("level")
                isolation = try isolationLevel()
            } else {
                throw leftover
            }
            _ = try acceptSymbol(",")
        }
        return .begin(readOnly: readOnly, isolation: isolation)
    }

    private mutating func isolationLevel() throws(SQLSyntaxError) -> SQLIsolation {
        if try accept("repeatable") {
            try expect("read")
            return .repeatableRead
        }
        guard try accept("read") else { throw error(.unsupported("this isolation level")) }
        try expect("committed")
        return .readCommitted
    }

    private mutating func finish(_ end: SQLStatement) throws(SQLSyntaxError) -> SQLStatement {
        try skipTransactionWord()
        return end
    }

    private mutating func skipTransactionWord() throws(SQLSyntaxError) {
        if sees("work") || sees("transaction") { try advance() }
    }

    private mutating func vacuum() throws(SQLSyntaxError) -> SQLStatement {
        while sees("verbose") || sees("analyze") { try advance() }
        guard !seesSymbol("("), !sees("full"), !sees("freeze") else {
            throw error(.unsupported("VACUUM with options"))
        }
        if !seesEnd { try expectTable() }
        return .vacuum
    }

    /// `DEALLOCATE [PREPARE] {name|ALL}`
    private mutating func deallocate() throws(SQLSyntaxError) -> SQLStatement {
        _ = try accept("prepare")
        return .deallocate(try accept("all") ? nil : try identifier())
    }

    // MARK: Settings

    private mutating func settingName() throws(SQLSyntaxError) -> String {
        if try accept("transaction") {
            try expect("isolation", "level")
            return "transaction_isolation"
        }
        if try accept("time") {
            try expect("zone")
            return "timezone"
        }
        return try qualifiedName().joined(separator: ".")
    }

    /// `SET [SESSION|LOCAL] name {TO|=} value, …`, `SET TIME ZONE value`, `SET TRANSACTION …`.
    private mutating func set() throws(SQLSyntaxError) -> SQLStatement {
        if sees("session") || sees("local") { try advance() }
        if sees("transaction") || sees("characteristics") {
            let name = try identifier()
            return .set(name: name, value: try restOfStatement())
        }
        let isTimeZone = sees("time")
        let name = try settingName()
        if !isTimeZone, try !accept("to") { try expectSymbol("=") }
        return .set(name: name, value: try settingValues())
    }

    /// `ALTER SYSTEM SET name {TO|=} value`
    private mutating func alterSystem() throws(SQLSyntaxError) -> SQLStatement {
        try expect("set")
        let name = try settingName()
        if try !accept("to") { try expectSymbol("=") }
        return .alterSystem(name: name, value: try settingValues())
    }

    private mutating func settingValues() throws(SQLSyntaxError) -> String {
        var values: [String] = []
        repeat {
            let sign = try acceptSymbol("-") ? "-" : ""
            switch token.kind {
            case .text(let text): values.append(sign + text)
            case .word(let text), .quotedIdentifier(let text), .number(let text):
                values.append(sign + text)
            case .parameter, .lsn, .symbol, .end: throw unexpected
            }
            try advance()
        } while try acceptSymbol(",")
        return values.joined(separator: ", ")
    }

    private mutating func restOfStatement() throws(SQLSyntaxError) -> String {
        let start = token.range.lowerBound
        var end = start
        while !seesEnd {
            end = token.range.upperBound
            try advance()
        }
        guard end > start else { throw unexpected }
        return source(start..<end)
    }
}

extension SQLParser {
    /// Words that begin a statement of PostgreSQL's which the lab does not have.
    private static let otherStatements: Set<String> = [
        "analyse", "analyze", "call", "close", "cluster", "comment", "copy", "create",
        "declare", "do", "drop", "execute", "explain", "fetch", "grant",
        "import", "listen", "load", "lock", "merge", "move", "notify", "prepare", "reassign",
        "refresh", "reindex", "release", "revoke", "savepoint", "security", "table",
        "truncate", "unlisten", "values", "with",
    ]

    /// Words that go on with a statement in a way the lab does not have.
    private static let otherClauses: Set<String> = [
        "and", "as", "between", "collate", "cross", "except", "fetch", "for", "from", "full",
        "group", "having", "ilike", "in", "inner", "intersect", "is", "isnull", "join", "left",
        "like", "limit", "natural", "not", "notnull", "nulls", "offset", "or", "order", "over",
        "prepared", "read", "returning", "right", "to", "union", "using", "where", "window",
    ]
}
