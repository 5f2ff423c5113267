import WireProtocol

/// A SELECT whose names and types were found. It runs by the one obvious way: by key if the key is
/// given, else through all rows.
struct SelectPlan {
    let columns: [Relation.Attribute]
    /// The types of `$1` and on.
    let parameters: [Column.DataType]

    private let relation: Relation?
    private let counts: Bool
    private let outputs: [Computation]
    private let condition: Computation?
    /// What the rows' key must be.
    private let key: Computation?
    private let order: [(value: Computation, descending: Bool)]
    private let limit: Computation?
    private let offset: Computation?

    /// - Parameters:
    ///   - relation: what the statement reads.
    ///   - declared: the parameters' types, as far as the client said them.
    init(
        _ select: SQLSelect, from relation: Relation?, declared: [Column.DataType?]
    ) throws(ServerError) {
        var compiler = ExpressionCompiler(relation: relation, parameters: declared)
        condition = try select.condition.map { expression throws(ServerError) in
            try compiler.truth(expression, of: "WHERE")
        }
        key = try select.key.map { expression throws(ServerError) in
            try compiler.compile(expression, as: .text)
        }
        limit = try compiler.rowCount(select.limit, of: "LIMIT")
        offset = try compiler.rowCount(select.offset, of: "OFFSET")
        counts = select.countsRows
        compiler.counts = counts
        (columns, outputs) = try compiler.outputs(select.outputs)
        order = try compiler.order(select.order, columns, outputs)
        parameters = try compiler.parameters.enumerated().map { index, type throws(ServerError) in
            guard let type else {
                throw ServerError(
                    code: SQLState("42P18"),
                    message: "could not determine data type of parameter $\(index + 1)")
            }
            return type
        }
        self.relation = relation
    }

    /// The rows of the result.
    func run(
        _ values: [SQLDatum], in context: any SQLContext
    ) throws(ServerError) -> [[SQLDatum]] {
        let blank = Computation.Scope(parameters: values, context: context)
        let limit = try Self.count(limit, blank, "LIMIT")
        let offset = try Self.count(offset, blank, "OFFSET") ?? 0
        var results: [(row: [SQLDatum], keys: [SQLDatum])] = []
        for scope in try scopes(blank) {
            // Whoever orders needs every row, whoever does not needs only the first.
            if order.isEmpty, let limit, results.count - offset >= limit { break }
            var row: [SQLDatum] = []
            for output in outputs { row.append(try output(scope)) }
            var keys: [SQLDatum] = []
            for key in order { keys.append(try key.value(scope)) }
            results.append((row, keys))
        }
        if !order.isEmpty { results.sort { precedes($0.keys, $1.keys) } }
        return results.dropFirst(offset).prefix(limit ?? .max).map(\.row)
    }

    /// What each row of the result is computed from.
    private func scopes(
        _ blank: Computation.Scope
    ) throws(ServerError) -> [Computation.Scope] {
        guard let relation else { return [blank.counting(1)] }
        if counts, condition == nil, let count = relation.count(blank.context) {
            return [blank.counting(count)]
        }
        var wanted: String?
        if let key {
            // NULL equals no key.
            guard case .text(let text) = try key(blank) else { return counts ? [blank] : [] }
            wanted = text
        }
        var scopes: [Computation.Scope] = []
        for row in relation.rows(blank.context, wanted) {
            var scope = blank
            scope.row = row
            if let condition, try !condition(scope).isTrue { continue }
            scopes.append(scope)
        }
        return counts ? [blank.counting(scopes.count)] : scopes
    }

    private func precedes(_ left: [SQLDatum], _ right: [SQLDatum]) -> Bool {
        for (index, key) in order.enumerated() {
            let (first, second) =
                key.descending
                ? (right[index], left[index]) : (left[index], right[index])
            if first.precedes(second) { return true }
            if second.precedes(first) { return false }
        }
        return false
    }

    private static func count(
        _ value: Computation?, _ scope: Computation.Scope, _ clause: String
    ) throws(ServerError) -> Int? {
        guard case .integer(let count)? = try value?(scope) else { return nil }
        guard count >= 0 else {
            throw ServerError(
                code: .invalidRowCountInLimit, message: "\(clause) must not be negative")
        }
        return Int(count)
    }
}

extension Computation.Scope {
    fileprivate func counting(_ rowCount: Int) -> Self {
        var scope = self
        scope.rowCount = rowCount
        return scope
    }
}

extension SQLSelect {
    /// `count(*)` stands in the select list.
    fileprivate var countsRows: Bool {
        outputs.contains { output in
            if case .value(let expression, _) = output { expression.countsRows } else { false }
        }
    }

    /// The key that the condition asks for: `key = …`, alone or with AND.
    fileprivate var key: SQLExpression? {
        relation?.name == .kv ? condition?.key : nil
    }
}

extension SQLExpression {
    fileprivate var countsRows: Bool {
        switch self {
        case .countStar: true
        case .cast(let value, _), .not(let value), .isNull(let value): value.countsRows
        case .operation(let operation): operation.left.countsRows || operation.right.countsRows
        case .call(let call): call.arguments.contains(where: \.countsRows)
        case .text, .number, .boolean, .null, .parameter, .column: false
        }
    }

    fileprivate var key: SQLExpression? {
        guard case .operation(let operation) = self else { return nil }
        switch (operation.operator, operation.left, operation.right) {
        case (.and, let left, let right): return left.key ?? right.key
        case (.equal, .column(let column), .text), (.equal, .column(let column), .parameter):
            return column.name == "key" ? operation.right : nil
        default: return nil
        }
    }
}
