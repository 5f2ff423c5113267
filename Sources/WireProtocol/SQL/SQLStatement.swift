/// The lab's SQL: statements on the one table `kv(key text, value text)`, and what tools send.
///
/// This is a parser's result, not a planner's: nothing here knows which functions, settings or
/// view columns exist. Not supported, by design: other tables, joins, expressions over rows.
public enum SQLStatement: Hashable, Sendable {
    /// `SELECT … FROM kv …`
    case select(SQLSelect)
    /// `SELECT expression [AS name], …` without FROM: one row.
    case selectExpressions([SQLOutput])
    /// `SELECT … FROM pg_stat_replication` and such; `columns` empty means `*`.
    case selectFromView(String, columns: [SQLColumn])
    /// `INSERT INTO kv VALUES (…), … [ON CONFLICT …]`
    case insert(rows: [SQLRow], onConflict: SQLConflict)
    /// `UPDATE kv SET value = … [WHERE key = …]`
    case update(value: SQLValue, key: SQLValue?)
    /// `DELETE FROM kv [WHERE key = …]`
    case delete(key: SQLValue?)
    /// `BEGIN`, `START TRANSACTION`
    case begin
    /// `COMMIT`, `END`
    case commit
    /// `ROLLBACK`, `ABORT`
    case rollback
    /// `SHOW name`
    case show(String)
    /// `SET name = value`, `SET name TO value`: parsed, so that drivers are content.
    case set(name: String, value: String)
    /// `VACUUM [kv]`
    case vacuum
    /// `CHECKPOINT`
    case checkpoint
}

/// A key or a value as a statement gives it.
public enum SQLValue: Hashable, Sendable {
    /// A literal.
    case text(String)
    /// `NULL`
    case null
    /// `$1` and so on, from 1.
    case parameter(Int)
}

/// One row of INSERT.
public struct SQLRow: Hashable, Sendable {
    /// The key's value.
    public var key: SQLValue
    /// The value's value.
    public var value: SQLValue

    /// A row from its parts.
    public init(key: SQLValue, value: SQLValue) {
        self.key = key
        self.value = value
    }
}

/// What INSERT does about a key that is there already.
public enum SQLConflict: Hashable, Sendable {
    /// No ON CONFLICT clause: error 23505.
    case fail
    /// `DO NOTHING`
    case nothing
    /// `DO UPDATE SET value = EXCLUDED.value`
    case update
}

/// `SELECT … FROM kv [WHERE key = …] [ORDER BY key] [LIMIT n]`
public struct SQLSelect: Hashable, Sendable {
    /// What one column of the result shows.
    public enum Field: Hashable, Sendable {
        /// The key.
        case key
        /// The value.
        case value
        /// `count(*)`; alone or not at all.
        case count
    }

    /// One column of the result and the name above it.
    public struct Output: Hashable, Sendable {
        /// What it shows.
        public var field: Field
        /// The name above it.
        public var name: String

        /// A column from its parts.
        public init(_ field: Field, name: String) {
            self.field = field
            self.name = name
        }
    }

    /// The columns; `*` became key and value.
    public var outputs: [Output]
    /// The key asked for, or all.
    public var key: SQLValue?
    /// The order asked for. The lab's order without it is the heap's.
    public var order: SQLOrder?
    /// The most rows to give.
    public var limit: Int?

    /// A selection from its parts.
    public init(
        outputs: [Output], key: SQLValue? = nil, order: SQLOrder? = nil, limit: Int? = nil
    ) {
        self.outputs = outputs
        self.key = key
        self.order = order
        self.limit = limit
    }

    /// `SELECT count(*)`
    public var isCount: Bool { outputs.contains { $0.field == .count } }
}

/// `ORDER BY key|value [ASC|DESC]`
public struct SQLOrder: Hashable, Sendable {
    /// By key or by value.
    public var field: SQLSelect.Field
    /// Greatest first.
    public var descending: Bool

    /// An order from its parts.
    public init(by field: SQLSelect.Field, descending: Bool = false) {
        self.field = field
        self.descending = descending
    }
}

/// A column of a view and the name above it.
public struct SQLColumn: Hashable, Sendable {
    /// The column asked for, in lower case unless quoted.
    public var column: String
    /// The name above it.
    public var name: String

    /// A column from its parts.
    public init(_ column: String, name: String? = nil) {
        self.column = column
        self.name = name ?? column
    }
}
