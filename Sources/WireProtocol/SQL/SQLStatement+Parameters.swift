extension SQLStatement {
    /// The highest `$n`, so how many values a Bind must bring.
    public var parameterCount: Int {
        switch self {
        case .select(let select): select.key?.parameterNumber ?? 0
        case .selectExpressions(let outputs):
            outputs.map(\.expression.parameterCount).max() ?? 0
        case .insert(let rows, _):
            rows.map { max($0.key.parameterNumber, $0.value.parameterNumber) }.max() ?? 0
        case .update(let value, let key):
            max(value.parameterNumber, key?.parameterNumber ?? 0)
        case .delete(let key): key?.parameterNumber ?? 0
        case .selectFromView, .begin, .commit, .rollback, .show, .set, .vacuum, .checkpoint: 0
        }
    }

    /// The statement with its parameters replaced; `nil` is NULL.
    ///
    /// A number without a value is error 42P02.
    public func bound(to values: [String?]) throws(ServerError) -> SQLStatement {
        let missing = parameterCount
        guard missing <= values.count else {
            throw ServerError(
                code: .undefinedParameter, message: "there is no parameter $\(missing)")
        }
        switch self {
        case .select(var select):
            select.key = select.key?.bound(to: values)
            return .select(select)
        case .selectExpressions(let outputs):
            return .selectExpressions(
                outputs.map { SQLOutput($0.expression.bound(to: values), name: $0.name) })
        case .insert(let rows, let onConflict):
            let bound = rows.map {
                SQLRow(key: $0.key.bound(to: values), value: $0.value.bound(to: values))
            }
            return .insert(rows: bound, onConflict: onConflict)
        case .update(let value, let key):
            return .update(value: value.bound(to: values), key: key?.bound(to: values))
        case .delete(let key): return .delete(key: key?.bound(to: values))
        case .selectFromView, .begin, .commit, .rollback, .show, .set, .vacuum, .checkpoint:
            return self
        }
    }
}

extension SQLValue {
    fileprivate var parameterNumber: Int {
        if case .parameter(let number) = self { number } else { 0 }
    }

    fileprivate func bound(to values: [String?]) -> SQLValue {
        guard case .parameter(let number) = self else { return self }
        return values[number - 1].map(SQLValue.text) ?? .null
    }
}

extension SQLExpression {
    /// Recursion is bounded: the parser bounds the tree.
    fileprivate var parameterCount: Int {
        switch self {
        case .parameter(let number): number
        case .call(let call): call.arguments.map(\.parameterCount).max() ?? 0
        case .difference(let left, let right): max(left.parameterCount, right.parameterCount)
        case .text, .number, .boolean, .null: 0
        }
    }

    fileprivate func bound(to values: [String?]) -> SQLExpression {
        switch self {
        case .parameter(let number): values[number - 1].map(SQLExpression.text) ?? .null
        case .call(var call):
            {
                call.arguments = call.arguments.map { $0.bound(to: values) }
                return .call(call)
            }()
        case .difference(let left, let right):
            .difference(left.bound(to: values), right.bound(to: values))
        case .text, .number, .boolean, .null: self
        }
    }
}
