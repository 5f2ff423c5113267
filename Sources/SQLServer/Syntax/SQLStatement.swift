package import WireProtocol

/// The lab's SQL: statements on the one table `kv(key text, value text)`, and what tools send.
///
/// This is a parser's result, not a planner's: nothing here knows which functions, settings or
/// view columns exist. Not supported, by design: other tables, joins, groups.
package enum SQLStatement: Hashable, Sendable {
    /// `SELECT …`
    case select(SQLSelect)
    /// `INSERT INTO kv VALUES (…), … [ON CONFLICT …]`
    case insert(rows: [SQLRow], onConflict: SQLConflict)
    /// `UPDATE kv SET value = … [WHERE key = …]`
    case update(value: SQLValue, key: SQLValue?)
    /// `DELETE FROM kv [WHERE key = …]`, or `WHERE key LIKE …`
    case delete(key: SQLValue?, like: SQLPattern? = nil)
    /// `BEGIN`, `START TRANSACTION`; nil for what it does not say.
    case begin(readOnly: Bool?, isolation: SQLIsolation? = nil)
    /// `COMMIT`, `END`
    case commit
    /// `ROLLBACK`, `ABORT`
    case rollback
    /// `SHOW name`
    case show(String)
    /// `SET name = value`, `SET name TO value`: parsed, so that drivers are content.
    case set(name: String, value: String)
    /// `ALTER SYSTEM SET name = value`: the server's own, not a session's.
    case alterSystem(name: String, value: String)
    /// `RESET name`; nil is `RESET ALL`.
    case reset(String?)
    /// `DEALLOCATE name`; nil is `DEALLOCATE ALL`.
    case deallocate(String?)
    /// `DISCARD ALL`
    case discardAll
    /// `VACUUM [kv]`
    case vacuum
    /// `CHECKPOINT`
    case checkpoint
    /// SQL that cannot be carried out; the error belongs where the statement would have run.
    case refused(SQLSyntaxError)
}

/// Which commits of others a transaction sees. PostgreSQL has a third level, SERIALIZABLE.
package enum SQLIsolation: String, Hashable, Sendable {
    /// Each statement those there are.
    case readCommitted = "read committed"
    /// All statements those that there were at the first.
    case repeatableRead = "repeatable read"
}

/// A key or a value as a statement gives it.
package enum SQLValue: Hashable, Sendable {
    /// A literal.
    case text(String)
    /// `NULL`
    case null
    /// `$1` and so on, from 1.
    case parameter(Int)
}

/// One row of INSERT.
package struct SQLRow: Hashable, Sendable {
    /// The key's value.
    package var key: SQLValue
    /// The value's value.
    package var value: SQLValue

    package init(key: SQLValue, value: SQLValue) {
        self.key = key
        self.value = value
    }
}

/// What INSERT does about a key that is there already.
package enum SQLConflict: Hashable, Sendable {
    /// No ON CONFLICT clause: error 23505.
    case fail
    /// `DO NOTHING`
    case nothing
    /// `DO UPDATE SET value = EXCLUDED.value`
    case update
}
