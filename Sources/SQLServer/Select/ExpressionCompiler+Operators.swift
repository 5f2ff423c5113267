import WALFormat
import WireProtocol

// Operators, by the types of their two sides. PostgreSQL: `parse_oper.c`.
extension ExpressionCompiler {
    mutating func operation(_ operation: SQLOperation) throws(ServerError) -> Computation {
        switch operation.operator {
        case .and:
            let left = try truth(operation.left, of: "AND")
            return Self.and(left, try truth(operation.right, of: "AND"))
        case .or:
            // a OR b is NOT (NOT a AND NOT b), NULLs included.
            let left = try truth(operation.left, of: "OR").negated
            return Self.and(left, try truth(operation.right, of: "OR").negated).negated
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual:
            return try comparison(operation)
        case .plus, .minus, .times:
            return try arithmetic(operation)
        }
    }

    private static func and(_ left: Computation, _ right: Computation) -> Computation {
        Computation(.bool) { scope throws(ServerError) in
            let first = try left(scope)
            if first == .bool(false) { return first }
            let second = try right(scope)
            return second == .bool(false) ? second : first == .null ? .null : second
        }
    }

    /// Both sides; one without a type takes the other's.
    private mutating func sides(
        _ operation: SQLOperation
    ) throws(ServerError) -> (Computation, Computation) {
        if isUntyped(operation.left), !isUntyped(operation.right) {
            let right = try compile(operation.right)
            return (try compile(operation.left, as: right.type), right)
        }
        let left = try compile(operation.left)
        return (left, try compile(operation.right, as: left.type))
    }

    private func isUntyped(_ expression: SQLExpression) -> Bool {
        switch expression {
        case .text, .null: true
        case .parameter(let number):
            number > parameters.count || parameters[number - 1] == nil
        case .number, .boolean, .column, .call, .countStar, .cast, .operation, .not, .isNull: false
        }
    }

    private mutating func comparison(
        _ operation: SQLOperation
    ) throws(ServerError) -> Computation {
        let (left, right) = try sides(operation)
        guard left.type.isComparable(with: right.type) else {
            throw operation.undefined(left, right)
        }
        let sign = operation.operator
        return .combining(left, right, .bool) { first, second in
            .bool(sign.holds(first.precedes(second), second.precedes(first)))
        }
    }

    private mutating func arithmetic(
        _ operation: SQLOperation
    ) throws(ServerError) -> Computation {
        let (left, right) = try sides(operation)
        switch (operation.operator, left.type, right.type) {
        case (.minus, .lsn, .lsn):
            return .combining(left, right, .numeric) { $0.distance(from: $1) }
        case (.minus, .timestamptz, .timestamptz):
            return .combining(left, right, .interval) { $0.span(since: $1) }
        case (let sign, let first, let second) where first.isNumber && second.isNumber:
            let type = first.wider(second)
            return .combining(left, right, type) { left, right throws(ServerError) in
                try sign.compute(left, right, type)
            }
        default:
            throw operation.undefined(left, right)
        }
    }
}

extension Computation {
    fileprivate var negated: Computation { map(.bool) { .bool(!$0.isTrue) } }
}

extension SQLOperation {
    fileprivate func undefined(_ left: Computation, _ right: Computation) -> ServerError {
        let what = "\(left.type.title) \(`operator`.rawValue) \(right.type.title)"
        return SQLSyntaxError(.undefinedOperator(what), at: position).serverError
    }
}

extension SQLOperation.Operator {
    /// Whether a comparison holds between values of which the first is less, or greater.
    fileprivate func holds(_ isLess: Bool, _ isGreater: Bool) -> Bool {
        switch self {
        case .equal: !isLess && !isGreater
        case .notEqual: isLess || isGreater
        case .less: isLess
        case .lessOrEqual: !isGreater
        case .greater: isGreater
        case .greaterOrEqual: !isLess
        case .plus, .minus, .times, .and, .or: false
        }
    }

    fileprivate func compute(
        _ left: SQLDatum, _ right: SQLDatum, _ type: Column.DataType
    ) throws(ServerError) -> SQLDatum {
        guard let left = left.number, let right = right.number else { return .null }
        let result: SQLNumeric? =
            switch self {
            case .plus: left + right
            case .minus: left - right
            case .times: left * right
            case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .and, .or: nil
            }
        guard let result else { throw .outOfRange(type) }
        return type == .numeric ? .numeric(result) : try .integer(result.unscaled, as: type)
    }
}

extension SQLDatum {
    /// PostgreSQL: `pg_lsn_mi`.
    func distance(from other: SQLDatum) -> SQLDatum {
        guard case .lsn(let end) = self, case .lsn(let start) = other else { return .null }
        return .numeric(SQLNumeric(Int128(end.rawValue) - Int128(start.rawValue)))
    }

    fileprivate func span(since other: SQLDatum) -> SQLDatum {
        guard case .timestamp(let end) = self, case .timestamp(let start) = other else {
            return .null
        }
        return .interval(SQLInterval(from: start, to: end))
    }
}

extension Column.DataType {
    /// The type in which two numbers of different types are computed.
    fileprivate func wider(_ other: Self) -> Self {
        self == .numeric || other == .numeric ? .numeric : size >= other.size ? self : other
    }
}
