internal import WireProtocol

extension SQLParser {
    /// Parsed as far as the lab goes: what is wrong with the list is said after FROM was seen.
    private typealias List = Result<[SQLOutput], SQLSyntaxError>

    mutating func select() throws(SQLSyntaxError) -> SQLStatement {
        let list = try selectList()
        guard try accept("from") else { return .select(SQLSelect(try rowless(list.get()))) }
        var select = SQLSelect([], from: try relation())
        select.outputs = try list.get()
        if try accept("where") { select.condition = try expression() }
        if try accept("order") {
            try expect("by")
            repeat { select.order.append(try order()) } while try acceptSymbol(",")
        }
        try limits(&select)
        return .select(select)
    }

    /// The outputs of a SELECT without FROM.
    private func rowless(_ outputs: [SQLOutput]) throws(SQLSyntaxError) -> [SQLOutput] {
        for case .star(let position) in outputs {
            throw SQLSyntaxError(.unexpected("*"), at: position)
        }
        return outputs
    }

    private mutating func relation() throws(SQLSyntaxError) -> SQLRelation {
        SQLRelation(try relationName(), as: try alias())
    }

    /// A client's catalogue query shall hear that the table does not exist, not which of its
    /// expressions the lab cannot read; so a list that is more than the lab's is kept as an error.
    private mutating func selectList() throws(SQLSyntaxError) -> List {
        let start = self
        do throws(SQLSyntaxError) {
            if sees("distinct") { throw error(.unsupported("DISTINCT")) }
            if sees("all") { try advance() }
            let outputs = try outputs()
            guard seesEnd || sees("from") else { throw leftover }
            return .success(outputs)
        } catch {
            guard error.isSemantic else { throw error }
            self = start
            try skipToFrom()
            return .failure(error)
        }
    }

    private mutating func skipToFrom() throws(SQLSyntaxError) {
        var nesting = 0
        while !seesEnd, nesting > 0 || !sees("from") {
            if seesSymbol("(") { nesting += 1 }
            if seesSymbol(")") { nesting -= 1 }
            try advance()
        }
    }

    private mutating func outputs() throws(SQLSyntaxError) -> [SQLOutput] {
        var outputs: [SQLOutput] = []
        repeat {
            guard outputs.count < Self.maximumColumnCount else { throw error(.tooManyColumns) }
            let position = token.position
            if try acceptSymbol("*") {
                outputs.append(.star(position: position))
            } else {
                let expression = try expression()
                outputs.append(SQLOutput(expression, name: try alias()))
            }
        } while try acceptSymbol(",")
        return outputs
    }

    private mutating func alias() throws(SQLSyntaxError) -> String? {
        if try accept("as") { return try identifier() }
        switch token.kind {
        case .quotedIdentifier: return try identifier()
        case .word(let word) where !Self.endsItem.contains(word): return try identifier()
        case .word, .text, .number, .parameter, .lsn, .symbol, .end: return nil
        }
    }

    /// Words that are not a bare alias.
    private static let endsItem: Set<String> = [
        "from", "where", "order", "limit", "group", "having", "union", "except", "intersect",
        "window", "offset", "fetch", "for", "and", "or", "not", "in", "is", "isnull", "notnull",
        "like", "ilike", "between", "collate", "over", "into", "join", "inner", "left", "right",
        "full", "cross", "natural", "on", "using", "tablesample",
    ]

    private mutating func order() throws(SQLSyntaxError) -> SQLOrder {
        let position = token.position
        let expression = try expression()
        let descending = try accept("desc")
        if !descending { _ = try accept("asc") }
        return SQLOrder(by: expression, descending: descending, position: position)
    }

    /// `LIMIT n` and `OFFSET n`, in any order.
    private mutating func limits(_ select: inout SQLSelect) throws(SQLSyntaxError) {
        while true {
            if select.limit == nil, try accept("limit") {
                if try !accept("all") { select.limit = try rowCount() }
            } else if select.offset == nil, try accept("offset") {
                select.offset = try rowCount()
                if sees("row") || sees("rows") { try advance() }
            } else {
                return
            }
        }
    }

    private mutating func rowCount() throws(SQLSyntaxError) -> SQLExpression {
        if case .parameter(let number) = token.kind {
            try advance()
            return .parameter(number)
        }
        let sign = try acceptSymbol("-") ? "-" : ""
        let count: Int64 = try integer()
        return .number("\(sign)\(count)")
    }
}
