/// One entry of a select list, before FROM has told what it may be.
private enum SelectItem {
    case star
    case countStar(alias: String?)
    case column(String, alias: String?, position: Int)
    case expression(SQLOutput, position: Int)

    /// Parsed as far as the lab goes: what is wrong with the list is said after FROM was seen.
    typealias List = Result<[(item: SelectItem, position: Int)], SQLSyntaxError>
}

extension SQLParser {
    mutating func select() throws(SQLSyntaxError) -> SQLStatement {
        let items = try selectList()
        guard try accept("from") else { return try selectWithoutFrom(items.get()) }
        let table = try tableName()
        switch table {
        case .kv: return .select(try selectFromTable(items.get()))
        case .view(let name):
            guard seesEnd else { throw error(.unsupported("more than columns of \(name)")) }
            return .selectFromView(name, columns: try viewColumns(items.get()))
        }
    }

    /// A client's catalogue query shall hear that the table does not exist, not which of its
    /// expressions the lab cannot read; so a list that is more than the lab's is kept as an error.
    private mutating func selectList() throws(SQLSyntaxError) -> SelectItem.List {
        do throws(SQLSyntaxError) {
            if sees("distinct") { throw error(.unsupported("DISTINCT")) }
            if sees("all") { try advance() }
            let items = try selectItems()
            guard seesEnd || sees("from") else { throw leftover }
            return .success(items)
        } catch {
            switch error.reason {
            case .unsupported, .undefinedColumn:
                try skipToFrom()
                return .failure(error)
            case .unexpected, .unterminated, .valueCount, .emptyIdentifier, .invalidEscape,
                .invalidNumber, .undefinedTable, .undefinedFunction, .textComparedWithNumber,
                .notReplicationCommand, .option, .tooDeep, .tooLong, .tooManyColumns:
                throw error
            }
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

    private mutating func selectItems() throws(SQLSyntaxError) -> [(SelectItem, Int)] {
        var items: [(SelectItem, Int)] = []
        repeat {
            guard items.count < Self.maximumColumnCount else { throw error(.tooManyColumns) }
            let position = token.position
            items.append((try selectItem(), position))
        } while try acceptSymbol(",")
        return items
    }

    private mutating func selectItem() throws(SQLSyntaxError) -> SelectItem {
        let position = token.position
        if try acceptSymbol("*") { return .star }
        switch try operand() {
        case .countStar: return .countStar(alias: try alias())
        case .column(let name): return .column(name, alias: try alias(), position: position)
        case .expression(let expression):
            return .expression(SQLOutput(expression, name: try alias()), position: position)
        }
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
        "like", "ilike", "between", "collate", "over", "into",
    ]
}

extension SQLParser {
    private typealias Items = [(item: SelectItem, position: Int)]

    private mutating func selectWithoutFrom(_ items: Items) throws(SQLSyntaxError) -> SQLStatement {
        var outputs: [SQLOutput] = []
        for (item, position) in items {
            switch item {
            case .expression(let output, _): outputs.append(output)
            case .column(let name, _, _):
                throw SQLSyntaxError(.undefinedColumn(name), at: position)
            case .star, .countStar: throw SQLSyntaxError(.unexpected("*"), at: position)
            }
        }
        return .selectExpressions(outputs)
    }

    private func viewColumns(_ items: Items) throws(SQLSyntaxError) -> [SQLColumn] {
        var columns: [SQLColumn] = []
        for (item, position) in items {
            switch item {
            case .star where items.count == 1: return []
            case .column(let name, let alias, _): columns.append(SQLColumn(name, name: alias))
            case .star, .countStar, .expression:
                throw SQLSyntaxError(.unsupported("expressions over a view"), at: position)
            }
        }
        return columns
    }

    private mutating func selectFromTable(_ items: Items) throws(SQLSyntaxError) -> SQLSelect {
        var select = SQLSelect(outputs: try outputs(items))
        select.key = try whereKey()
        if try accept("order") {
            try expect("by")
            select.order = try order()
        }
        if try accept("limit"), try !accept("all") { select.limit = try integer() }
        return select
    }

    private func outputs(_ items: Items) throws(SQLSyntaxError) -> [SQLSelect.Output] {
        var outputs: [SQLSelect.Output] = []
        for (item, position) in items {
            switch item {
            case .star:
                outputs += [.init(.key, name: "key"), .init(.value, name: "value")]
            case .column(let name, let alias, _):
                let field = try Self.field(name, at: position)
                outputs.append(.init(field, name: alias ?? name))
            case .countStar(let alias) where items.count == 1:
                outputs.append(.init(.count, name: alias ?? "count"))
            case .countStar:
                throw SQLSyntaxError(.unsupported("count(*) beside other columns"), at: position)
            case .expression:
                throw SQLSyntaxError(.unsupported("expressions over rows"), at: position)
            }
        }
        return outputs
    }

    private mutating func order() throws(SQLSyntaxError) -> SQLOrder {
        if case .number = token.kind { throw error(.unsupported("ORDER BY a number")) }
        let field = try column()
        let descending = try accept("desc")
        if !descending { _ = try accept("asc") }
        return SQLOrder(by: field, descending: descending)
    }
}
