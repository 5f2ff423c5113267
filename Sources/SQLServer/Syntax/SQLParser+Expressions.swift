internal import WireProtocol

extension SQLParser {
    /// An expression, by precedence climbing. PostgreSQL: `a_expr`, without the operators and
    /// forms the lab does not have.
    mutating func expression(above precedence: Int = 0) throws(SQLSyntaxError) -> SQLExpression {
        var left = try prefixed()
        while let next = infix, next.precedence > precedence {
            try countOperator()
            let position = token.position
            try advance()
            guard let `operator` = next.operator else {
                left = try nullTest(of: left)
                continue
            }
            let right = try expression(above: next.precedence)
            left = .operation(SQLOperation(left, `operator`, right, position: position))
        }
        return left
    }

    private mutating func prefixed() throws(SQLSyntaxError) -> SQLExpression {
        guard sees("not") else { return try castable() }
        try countOperator()
        try advance()
        return .not(try expression(above: Self.precedenceOfNot))
    }

    private mutating func countOperator() throws(SQLSyntaxError) {
        operatorCount += 1
        guard operatorCount <= Self.maximumDepth else { throw error(.tooDeep) }
    }

    /// `IS` was read.
    private mutating func nullTest(of value: SQLExpression) throws(SQLSyntaxError) -> SQLExpression
    {
        let isNegated = try accept("not")
        guard sees("null") else { throw error(.unsupported("IS with anything but NULL")) }
        try advance()
        return isNegated ? .not(.isNull(value)) : .isNull(value)
    }

    private static let precedenceOfNot = 3
    static let precedenceOfComparison = 5

    /// The operator at the current token; nil in it means `IS`.
    private var infix: (operator: SQLOperation.Operator?, precedence: Int)? {
        switch token.kind {
        case .word("or"): (.or, 1)
        case .word("and"): (.and, 2)
        case .word("is"): (nil, 4)
        case .symbol("!="): (.notEqual, Self.precedenceOfComparison)
        case .symbol(let symbol):
            switch SQLOperation.Operator(rawValue: symbol) {
            case .plus: (.plus, 6)
            case .minus: (.minus, 6)
            case .times: (.times, 7)
            case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual:
                (SQLOperation.Operator(rawValue: symbol), Self.precedenceOfComparison)
            case .and, .or, nil: nil
            }
        case .word, .quotedIdentifier, .text, .number, .parameter, .lsn, .end: nil
        }
    }

    // MARK: Values

    /// `primary [::type]…`
    private mutating func castable() throws(SQLSyntaxError) -> SQLExpression {
        var result = try primary()
        while try acceptSymbol("::") { result = .cast(result, try typeName()) }
        return result
    }

    private mutating func typeName() throws(SQLSyntaxError) -> SQLTypeName {
        let position = token.position
        var parts = try qualifiedName()
        if parts.count == 2, parts[0] == "pg_catalog" { parts.removeFirst() }
        var name = parts.joined(separator: ".")
        switch name {
        case "double":
            try expect("precision")
            name = "float8"
        case "character" where sees("varying"): try advance()
        default: break
        }
        if try acceptSymbol("(") {
            let _: Int32 = try integer()
            try expectSymbol(")")
        }
        if try acceptSymbol("[") {
            try expectSymbol("]")
            throw SQLSyntaxError(.unsupported("an array"), at: position)
        }
        if sees("with") || sees("without") {
            if name == "timestamp", sees("with") { name = "timestamptz" }
            try advance()
            try expect("time", "zone")
        }
        return SQLTypeName(Self.typeNames[name] ?? name, position: position)
    }

    /// SQL's names for PostgreSQL's types.
    private static let typeNames = [
        "int": "int4", "integer": "int4", "bigint": "int8", "smallint": "int2", "boolean": "bool",
        "decimal": "numeric", "character": "varchar", "real": "float4",
    ]

    private mutating func primary() throws(SQLSyntaxError) -> SQLExpression {
        switch token.kind {
        case .text(let text):
            try advance()
            return .text(text)
        case .number(let digits):
            try advance()
            return .number(digits)
        case .parameter(let number):
            try advance()
            return .parameter(number)
        case .symbol("-"):
            try advance()
            guard case .number(let digits) = token.kind else {
                throw error(.unsupported("a minus before anything but a number"))
            }
            try advance()
            return .number("-" + digits)
        case .symbol("("):
            try advance()
            if sees("select") { throw error(.unsupported("a query inside a query")) }
            return try nested(closing: ")")
        case .word, .quotedIdentifier: return try named()
        case .lsn, .symbol, .end: throw unexpected
        }
    }

    /// An expression inside parentheses, whose depth is bounded; takes the closing one too.
    private mutating func nested(closing symbol: String) throws(SQLSyntaxError) -> SQLExpression {
        let inner = try argument()
        guard try acceptSymbol(symbol) else { throw leftover }
        return inner
    }

    private mutating func argument() throws(SQLSyntaxError) -> SQLExpression {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw error(.tooDeep) }
        return try expression()
    }

    // MARK: Names

    /// A keyword, a function call, or a column.
    private mutating func named() throws(SQLSyntaxError) -> SQLExpression {
        let start = token
        if let word {
            guard !Self.reserved.contains(word) else { throw unexpected }
            guard !Self.otherExpressions.contains(word) else {
                throw error(.unsupported(word.uppercased()))
            }
        }
        let parts = try qualifiedName()
        if case .text = token.kind, parts.count == 1, start.kind == .word(parts[0]) {
            // `pg_lsn '0/0'`, `interval '1 s'`
            let type = Self.typeNames[parts[0]] ?? parts[0]
            return .cast(.text(try string()), SQLTypeName(type, position: start.position))
        }
        guard try acceptSymbol("(") else { return Self.constant(start, parts) }
        let name = parts.first == "pg_catalog" ? Array(parts.dropFirst()) : parts
        if name == ["count"], try acceptSymbol("*") {
            try expectSymbol(")")
            return .countStar
        }
        let arguments = name == ["extract"] ? try extraction() : try arguments()
        return .call(SQLCall(name.joined(separator: "."), arguments, position: start.position))
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
        return [.text(field), try nested(closing: ")")]
    }

    private mutating func arguments() throws(SQLSyntaxError) -> [SQLExpression] {
        if try acceptSymbol(")") { return [] }
        var arguments: [SQLExpression] = []
        repeat { arguments.append(try argument()) } while try acceptSymbol(",")
        guard try acceptSymbol(")") else { throw leftover }
        return arguments
    }

    private static func constant(_ token: SQLToken, _ parts: [String]) -> SQLExpression {
        let position = token.position
        switch token.kind {
        case .word("true") where parts.count == 1: return .boolean(true)
        case .word("false") where parts.count == 1: return .boolean(false)
        case .word("null") where parts.count == 1: return .null
        case .word(let word) where parts.count == 1 && functionsWithoutParentheses.contains(word):
            return .call(SQLCall(word, position: position))
        case .word, .quotedIdentifier, .text, .number, .parameter, .lsn, .symbol, .end:
            return .column(column(parts, at: position))
        }
    }

    /// PostgreSQL: `func_expr_common_subexpr`.
    private static let functionsWithoutParentheses: Set<String> = [
        "current_timestamp", "current_user", "session_user", "user", "current_catalog",
        "current_schema", "current_role",
    ]

    /// Words that no expression begins with.
    private static let reserved: Set<String> = [
        "from", "where", "order", "limit", "group", "having", "union", "as", "and", "or", "in",
        "is", "like", "into", "on", "values", "set", "default", "select",
    ]

    /// Words that begin an expression the lab does not have.
    private static let otherExpressions: Set<String> = [
        "case", "cast", "exists", "array", "coalesce", "nullif", "greatest", "least", "row",
    ]
}
