package import WireProtocol

/// What `SELECT` computes, for no row or for each row of a table or view.
///
/// It is a parser's result: which functions, columns and types there are is not known here.
package indirect enum SQLExpression: Hashable, Sendable {
    /// `'text'`, of a type that its place decides.
    case text(String)
    /// A number, as written.
    case number(String)
    /// `TRUE`, `FALSE`
    case boolean(Bool)
    /// `NULL`
    case null
    /// `$1` and so on, from 1.
    case parameter(Int)
    /// A column of the table or view after FROM.
    case column(SQLColumn)
    /// `name(arguments)`
    case call(SQLCall)
    /// `count(*)`
    case countStar
    /// `value::type`, `type 'value'`
    case cast(SQLExpression, SQLTypeName)
    /// `left operator right`
    case operation(SQLOperation)
    /// `NOT value`
    case not(SQLExpression)
    /// `value IS NULL`; `IS NOT NULL` is the negation.
    case isNull(SQLExpression)

    /// The name PostgreSQL puts above such a column. PostgreSQL: `FigureColname`.
    package var columnName: String {
        if let ownName { return ownName }
        if case .cast(_, let type) = self { return type.name }
        return "?column?"
    }

    /// The name of what stands inside all casts.
    private var ownName: String? {
        switch self {
        case .column(let column): column.name
        case .call(let call): call.name
        case .countStar: "count"
        case .cast(let value, _): value.ownName
        case .text, .number, .boolean, .null, .parameter, .operation, .not, .isNull: nil
        }
    }
}

/// A column as an expression names it.
package struct SQLColumn: Hashable, Sendable {
    /// The table or its alias, if it is said.
    package var table: String?
    /// In lower case unless quoted.
    package var name: String
    /// Where it starts, in characters from 1.
    package var position: Int

    package init(_ name: String, table: String? = nil, position: Int = 0) {
        self.table = table
        self.name = name
        self.position = position
    }

    /// The error for a column that is not there (42703).
    package var undefined: SQLSyntaxError {
        let qualified = table.map { "\($0).\(name)" } ?? name
        return SQLSyntaxError(.undefinedColumn(qualified), at: position)
    }
}

/// A function call and where it stands, so that whoever evaluates it can refuse it well.
package struct SQLCall: Hashable, Sendable {
    /// In lower case unless quoted, without `pg_catalog.`.
    package var name: String
    /// What it is given.
    package var arguments: [SQLExpression]
    /// Where the name starts, in characters from 1.
    package var position: Int

    package init(_ name: String, _ arguments: [SQLExpression] = [], position: Int = 0) {
        self.name = name
        self.arguments = arguments
        self.position = position
    }

    /// The error for a function the server does not have (42883) for arguments of these types.
    package func undefined(for types: [String]) -> SQLSyntaxError {
        SQLSyntaxError(.undefinedFunction(name, arguments: types), at: position)
    }
}

/// A type as a cast names it.
package struct SQLTypeName: Hashable, Sendable {
    /// PostgreSQL's own name: `int4` for `integer`, `timestamptz` for the long one.
    package var name: String
    /// Where it starts, in characters from 1.
    package var position: Int

    package init(_ name: String, position: Int = 0) {
        self.name = name
        self.position = position
    }
}

/// An operator between two values.
package struct SQLOperation: Hashable, Sendable {
    /// The operators the lab has, as they are written.
    package enum Operator: String, Hashable, Sendable {
        case plus = "+"
        case minus = "-"
        case times = "*"
        case equal = "="
        case notEqual = "<>"
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case and = "AND"
        case or = "OR"
    }

    /// The operator.
    package var `operator`: Operator
    /// What stands before it.
    package var left: SQLExpression
    /// What stands behind it.
    package var right: SQLExpression
    /// Where the operator stands, in characters from 1.
    package var position: Int

    package init(
        _ left: SQLExpression, _ operator: Operator, _ right: SQLExpression, position: Int = 0
    ) {
        self.left = left
        self.operator = `operator`
        self.right = right
        self.position = position
    }
}
