/// A scalar expression without rows: what `SELECT f(…), …` computes.
public indirect enum SQLExpression: Hashable, Sendable {
    /// `'text'`; an LSN is given as text, as in PostgreSQL.
    case text(String)
    /// A number, as written.
    case number(String)
    /// `TRUE`, `FALSE`
    case boolean(Bool)
    /// `NULL`
    case null
    /// `$1` and so on, from 1.
    case parameter(Int)
    /// `name(arguments)`; the name in lower case and without `pg_catalog.`.
    case call(SQLCall)
    /// `left - right`
    case difference(SQLExpression, SQLExpression)

    /// The name PostgreSQL puts above such a column.
    public var columnName: String {
        switch self {
        case .call(let call): call.name
        case .text, .number, .boolean, .null, .parameter, .difference: "?column?"
        }
    }
}

/// A function call and where it stands, so that whoever evaluates it can refuse it well.
public struct SQLCall: Hashable, Sendable {
    /// In lower case unless quoted, without `pg_catalog.`.
    public var name: String
    /// What it is given.
    public var arguments: [SQLExpression]
    /// Where the name starts, in characters from 1.
    public var position: Int

    /// A call from its parts.
    public init(_ name: String, _ arguments: [SQLExpression] = [], position: Int = 0) {
        self.name = name
        self.arguments = arguments
        self.position = position
    }

    /// The error for a function the server does not have (42883).
    public var undefined: SQLSyntaxError {
        SQLSyntaxError(.undefinedFunction(name, argumentCount: arguments.count), at: position)
    }
}

/// One column of `SELECT` without FROM.
public struct SQLOutput: Hashable, Sendable {
    /// What to compute.
    public var expression: SQLExpression
    /// The name above the column.
    public var name: String

    /// A column from its parts; its name is PostgreSQL's choice unless given.
    public init(_ expression: SQLExpression, name: String? = nil) {
        self.expression = expression
        self.name = name ?? expression.columnName
    }
}
