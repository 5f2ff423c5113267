/// What a select list or a list of values is made of.
enum SQLOperand {
    case expression(SQLExpression)
    /// A bare name; its meaning depends on FROM.
    case column(String)
    /// `count(*)`
    case countStar
}

extension SQLParser {
    /// `primary [::type]… [- primary [::type]…]…`
    mutating func operand() throws(SQLSyntaxError) -> SQLOperand {
        let start = self
        var result = try castOperand()
        while seesSymbol("-") {
            operatorCount += 1
            guard operatorCount <= Self.maximumDepth else { throw error(.tooDeep) }
            guard case .expression(let left) = result else { throw start.refusedColumn(result) }
            try advance()
            let rightStart = self
            let right = try castOperand()
            guard case .expression(let subtrahend) = right else {
                throw rightStart.refusedColumn(right)
            }
            result = .expression(.difference(left, subtrahend))
        }
        return result
    }

    /// An expression that no row can reach into: an argument, or what stands in parentheses.
    private mutating func expression() throws(SQLSyntaxError) -> SQLExpression {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw error(.tooDeep) }
        let start = self
        let operand = try operand()
        guard case .expression(let expression) = operand else { throw start.refusedColumn(operand) }
        return expression
    }

    private func refusedColumn(_ operand: SQLOperand) -> SQLSyntaxError {
        switch operand {
        case .column("key"), .column("value"), .countStar:
            error(.unsupported("expressions over rows"))
        case .column(let name): error(.undefinedColumn(name))
        case .expression: unexpected
        }
    }

    private mutating func castOperand() throws(SQLSyntaxError) -> SQLOperand {
        let result = try primary()
        // Values are texts here; what they are cast to changes nothing the lab can show.
        while try acceptSymbol("::") { try typeName() }
        return result
    }

    private mutating func typeName() throws(SQLSyntaxError) {
        _ = try qualifiedName()
        if try acceptSymbol("(") {
            let _: Int32 = try integer()
            try expectSymbol(")")
        }
        if try acceptSymbol("[") { try expectSymbol("]") }
        // `timestamp with time zone`
        if sees("with") || sees("without") {
            try advance()
            try expect("time", "zone")
        }
    }

    private mutating func primary() throws(SQLSyntaxError) -> SQLOperand {
        switch token.kind {
        case .text(let text):
            try advance()
            return .expression(.text(text))
        case .number(let digits):
            try advance()
            return .expression(.number(digits))
        case .parameter(let number):
            try advance()
            return .expression(.parameter(number))
        case .symbol("-"):
            try advance()
            guard case .number(let digits) = token.kind else {
                throw error(.unsupported("a minus before anything but a number"))
            }
            try advance()
            return .expression(.number("-" + digits))
        case .symbol("("):
            try advance()
            if sees("select") { throw error(.unsupported("a query inside a query")) }
            let inner = try expression()
            guard try acceptSymbol(")") else { throw leftover }
            return .expression(inner)
        case .word, .quotedIdentifier: return try named()
        case .lsn, .symbol, .end: throw unexpected
        }
    }

    /// A keyword, a function call, or a column.
    private mutating func named() throws(SQLSyntaxError) -> SQLOperand {
        let start = token
        if let word {
            guard !Self.reserved.contains(word) else { throw unexpected }
            guard !Self.otherExpressions.contains(word) else {
                throw error(.unsupported(word.uppercased()))
            }
        }
        let parts = try qualifiedName()
        if case .text = token.kind, start.kind != .quotedIdentifier(parts[0]) {
            // `pg_lsn '0/0'`, `interval '1 s'`: the type says nothing that matters here.
            return .expression(.text(try string()))
        }
        guard try acceptSymbol("(") else { return Self.constant(start, parts) }
        let name = parts.first == "pg_catalog" ? Array(parts.dropFirst()) : parts
        if name == ["count"], try acceptSymbol("*") {
            try expectSymbol(")")
            return .countStar
        }
        let arguments = name == ["extract"] ? try extraction() : try arguments()
        return .expression(
            .call(SQLCall(name.joined(separator: "."), arguments, position: start.position)))
    }

    /// `EXTRACT(epoch FROM x)` is a call of `extract('epoch', x)`: lag queries use it.
    private mutating func extraction() throws(SQLSyntaxError) -> [SQLExpression] {
        let field: String
        if case .text(let text) = token.kind {
            field = text
            try advance()
        } else {
            field = try identifier()
        }
        try expect("from")
        let source = try expression()
        guard try acceptSymbol(")") else { throw leftover }
        return [.text(field), source]
    }

    private mutating func arguments() throws(SQLSyntaxError) -> [SQLExpression] {
        if try acceptSymbol(")") { return [] }
        var arguments: [SQLExpression] = []
        repeat { arguments.append(try expression()) } while try acceptSymbol(",")
        guard try acceptSymbol(")") else { throw leftover }
        return arguments
    }

    private static func constant(_ token: SQLToken, _ parts: [String]) -> SQLOperand {
        switch token.kind {
        case .word("true") where parts.count == 1: .expression(.boolean(true))
        case .word("false") where parts.count == 1: .expression(.boolean(false))
        case .word("null") where parts.count == 1: .expression(.null)
        case .word("current_timestamp"), .word("current_user"), .word("session_user"):
            .expression(.call(SQLCall(parts[0], position: token.position)))
        case .word, .quotedIdentifier, .text, .number, .parameter, .lsn, .symbol, .end:
            .column(columnName(parts))
        }
    }

    /// Words that no expression begins with.
    private static let reserved: Set<String> = [
        "from", "where", "order", "limit", "group", "having", "union", "as", "and", "or", "in",
        "is", "like", "into", "on", "values", "set", "default", "select",
    ]

    /// Words that begin an expression the lab does not have.
    private static let otherExpressions: Set<String> = ["case", "cast", "not", "exists", "array"]
}
