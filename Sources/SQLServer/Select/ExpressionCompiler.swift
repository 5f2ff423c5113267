import WALFormat
import WireProtocol

/// Turns expressions into computations: finds columns, functions and types, and refuses what does
/// not fit before anything runs. PostgreSQL: `parse_expr.c`.
///
/// - A literal or parameter of no type takes the one its place wants, and `text` where any would
///   do.
/// - A parameter keeps the first type it was given.
struct ExpressionCompiler {
    let relation: Relation?
    /// The parameters' types; nil until their place has decided. From 1.
    var parameters: [Column.DataType?]
    /// `count(*)` stands in the select list: rows are counted, not shown.
    var counts = false

    /// - Parameter wanted: the type that a literal or parameter of none shall take.
    mutating func compile(
        _ expression: SQLExpression, as wanted: Column.DataType? = nil
    ) throws(ServerError) -> Computation {
        switch expression {
        case .text(let text):
            let type = wanted ?? .text
            return Computation(type, constant: try SQLDatum(text, as: type))
        case .null: return Computation(wanted ?? .text, constant: .null)
        case .number(let digits): return try Self.number(digits)
        case .boolean(let flag): return Computation(.bool, constant: .bool(flag))
        case .parameter(let number): return try parameter(number, as: wanted)
        case .column(let column): return try self.column(column)
        case .call(let call): return try self.call(call)
        case .countStar:
            guard counts else { throw .unsupported("count(*) in this place") }
            return Computation(.int8) { scope in .integer(Int64(scope.rowCount)) }
        case .cast(let value, let name): return try cast(value, name)
        case .operation(let operation): return try self.operation(operation)
        case .not(let value):
            return try truth(value, of: "NOT").map(.bool) { .bool(!$0.isTrue) }
        case .isNull(let value):
            let value = try compile(value)
            return Computation(.bool) { scope throws(ServerError) in
                .bool(try value(scope) == .null)
            }
        }
    }

    /// A condition. PostgreSQL: `coerce_to_boolean`.
    mutating func truth(
        _ expression: SQLExpression, of clause: String
    ) throws(ServerError) -> Computation {
        let value = try compile(expression, as: .bool)
        guard value.type == .bool else {
            throw ServerError(
                code: .datatypeMismatch,
                message: "argument of \(clause) must be type boolean, "
                    + "not type \(value.type.title)")
        }
        return value
    }

    private static func number(_ digits: String) throws(ServerError) -> Computation {
        if let number = Int64(digits) {
            let type: Column.DataType = Int32(exactly: number) == nil ? .int8 : .int4
            return Computation(type, constant: .integer(number))
        }
        return Computation(.numeric, constant: try SQLDatum(digits, as: .numeric))
    }

    private mutating func parameter(
        _ number: Int, as wanted: Column.DataType?
    ) throws(ServerError) -> Computation {
        guard number <= parameters.count else {
            throw ServerError(
                code: .undefinedParameter, message: "there is no parameter $\(number)")
        }
        let type = parameters[number - 1] ?? wanted ?? .text
        parameters[number - 1] = type
        return Computation(type) { scope in
            number <= scope.parameters.count ? scope.parameters[number - 1] : .null
        }
    }

    private func column(_ column: SQLColumn) throws(ServerError) -> Computation {
        guard let relation else {
            guard column.table == nil else { throw column.missingTable }
            throw column.undefined.serverError
        }
        guard column.table == nil || column.table == relation.alias else {
            throw column.missingTable
        }
        guard let index = relation.columns.firstIndex(where: { $0.name == column.name }) else {
            throw column.undefined.serverError
        }
        guard !counts else {
            let name = "\(relation.alias).\(column.name)"
            throw SQLSyntaxError(.notGrouped(name), at: column.position).serverError
        }
        return Computation(relation.columns[index].type) { scope in scope.row[index] }
    }

    private mutating func cast(
        _ expression: SQLExpression, _ name: SQLTypeName
    ) throws(ServerError) -> Computation {
        let type = try Column.DataType(name)
        let value = try compile(expression, as: type)
        guard value.type != type else { return value }
        let from = value.type
        guard from.canBeCast(to: type) else {
            throw ServerError(
                code: .cannotCoerce, message: "cannot cast type \(from.title) to \(type.title)",
                position: name.position)
        }
        return value.map(type) { datum throws(ServerError) in
            try datum.cast(from: from, to: type)
        }
    }

    private mutating func call(_ call: SQLCall) throws(ServerError) -> Computation {
        if call.name == "extract" { return try extraction(call) }
        let function = ServerFunction.named(call.name, call.arguments.count)
        var arguments: [Computation] = []
        for (index, argument) in call.arguments.enumerated() {
            arguments.append(try compile(argument, as: function?.arguments[index] ?? .unknown))
        }
        let fits = function.map { zip(arguments, $0.arguments).allSatisfy { $0.type.fits($1) } }
        guard let function, fits == true else { throw call.undefined(for: arguments) }
        return Computation(function.result) { scope throws(ServerError) in
            var values: [SQLDatum] = []
            for argument in arguments { values.append(try argument(scope)) }
            return values.contains(.null) ? .null : try function.body(scope.context, values)
        }
    }

    /// `EXTRACT(EPOCH FROM …)`, the one field that lag queries want.
    private mutating func extraction(_ call: SQLCall) throws(ServerError) -> Computation {
        guard call.arguments.count == 2, case .text(let field) = call.arguments[0] else {
            throw call.undefined(for: [])
        }
        let source = try compile(call.arguments[1], as: .unknown)
        guard source.type == .interval || source.type == .timestamptz else {
            throw call.undefined(for: [Computation(.unknown, constant: .null), source])
        }
        guard field.lowercased() == "epoch" else {
            throw .unsupported("EXTRACT of \"\(field)\"")
        }
        return source.map(.numeric) { $0.epoch }
    }
}

extension SQLCall {
    fileprivate func undefined(for arguments: [Computation]) -> ServerError {
        undefined(for: arguments.map(\.type.title)).serverError
    }
}

extension Column.DataType {
    /// Whether a value of it can be given to a function that takes the other.
    fileprivate func fits(_ wanted: Self) -> Bool {
        self == wanted || (isText && wanted.isText)
            || (isInteger && (wanted == .numeric || wanted == .int8))
    }
}

extension SQLDatum {
    /// Seconds since 1970, or in a span.
    fileprivate var epoch: SQLDatum {
        switch self {
        case .interval(let interval): .numeric(interval.epoch)
        case .timestamp(let time):
            .numeric(SQLNumeric(Int128(time.microseconds) + 946_684_800_000_000, scale: 6))
        case .null, .text, .bool, .bytes, .integer, .numeric, .lsn: .null
        }
    }
}

extension SQLColumn {
    fileprivate var missingTable: ServerError {
        SQLSyntaxError(.missingFromEntry(table ?? ""), at: position).serverError
    }
}
