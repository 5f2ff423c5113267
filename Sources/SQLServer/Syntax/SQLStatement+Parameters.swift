extension SQLStatement {
    /// The highest `$n`, so how many values a Bind must bring.
    package var parameterCount: Int {
        switch self {
        case .select(let select): select.expressions.map(\.parameterCount).max() ?? 0
        case .insert(let rows, _):
            rows.map { max($0.key.parameterNumber, $0.value.parameterNumber) }.max() ?? 0
        case .update(let value, let key):
            max(value.parameterNumber, key?.parameterNumber ?? 0)
        case .delete(let key, _): key?.parameterNumber ?? 0
        case .begin, .commit, .rollback, .show, .set, .alterSystem, .reset, .deallocate,
            .discardAll, .vacuum, .checkpoint, .refused:
            0
        }
    }
}

extension SQLValue {
    fileprivate var parameterNumber: Int {
        if case .parameter(let number) = self { number } else { 0 }
    }
}

extension SQLExpression {
    /// Recursion is bounded: the parser bounds the tree.
    fileprivate var parameterCount: Int {
        switch self {
        case .parameter(let number): number
        case .call(let call): call.arguments.map(\.parameterCount).max() ?? 0
        case .cast(let value, _), .not(let value), .isNull(let value): value.parameterCount
        case .operation(let operation):
            max(operation.left.parameterCount, operation.right.parameterCount)
        case .text, .number, .boolean, .null, .column, .countStar: 0
        }
    }
}
