import WireProtocol

// The parts of a SELECT that are more than one expression.
extension ExpressionCompiler {
    typealias Outputs = (columns: [Relation.Attribute], values: [Computation])

    mutating func outputs(_ list: [SQLOutput]) throws(ServerError) -> Outputs {
        var outputs: Outputs = ([], [])
        for output in list {
            switch output {
            case .star(let position):
                for column in relation?.columns ?? [] {
                    let star = SQLColumn(column.name, position: position)
                    outputs.columns.append(column)
                    outputs.values.append(try compile(.column(star)))
                }
            case .value(let expression, let name):
                let value = try compile(expression)
                outputs.columns.append(Relation.Attribute(name, value.type))
                outputs.values.append(value)
            }
        }
        return outputs
    }

    /// A key is a column of the result by its number or name, or else an expression of its own.
    mutating func order(
        _ keys: [SQLOrder], _ columns: [Relation.Attribute], _ outputs: [Computation]
    ) throws(ServerError) -> [(value: Computation, descending: Bool)] {
        var order: [(value: Computation, descending: Bool)] = []
        for key in keys {
            var place: Int?
            switch key.expression {
            case .number(let digits):
                guard let number = Int(digits), columns.indices.contains(number - 1) else {
                    throw ServerError(
                        code: SQLState("42P10"),
                        message: "ORDER BY position \(digits) is not in select list",
                        position: key.position)
                }
                place = number - 1
            case .column(let column) where column.table == nil:
                place = columns.firstIndex { $0.name == column.name }
            case .text, .boolean, .null, .parameter, .column, .call, .countStar, .cast, .operation,
                .not, .isNull:
                break
            }
            let value: Computation
            if let place { value = outputs[place] } else { value = try compile(key.expression) }
            order.append((value, key.descending))
        }
        return order
    }

    /// The number after LIMIT or OFFSET.
    mutating func rowCount(
        _ expression: SQLExpression?, of clause: String
    ) throws(ServerError) -> Computation? {
        guard let expression else { return nil }
        let value = try compile(expression, as: .int8)
        guard value.type.isInteger else {
            throw ServerError(
                code: .datatypeMismatch,
                message: "argument of \(clause) must be type bigint, "
                    + "not type \(value.type.title)")
        }
        return value
    }
}
