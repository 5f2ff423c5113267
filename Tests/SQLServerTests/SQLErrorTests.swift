import Testing

@testable import SQLServer
@testable import WireProtocol

struct SQLErrorTests {
    private func failure(_ text: String) -> ServerError? {
        do throws(SQLSyntaxError) {
            let refusals = try SQLStatement.parse(text).compactMap { statement in
                if case .refused(let error) = statement { error } else { nil }
            }
            #expect(refusals.count == 1, "\(text) is accepted")
            return refusals.first?.serverError
        } catch {
            return error.serverError
        }
    }

    /// Message, code and position as PostgreSQL 15 gives them.
    static let asInPostgreSQL: [(String, SQLState, String, Int)] = [
        ("SELEC 1", .syntaxError, #"syntax error at or near "SELEC""#, 1),
        ("SELECT 1 FROM", .syntaxError, "syntax error at end of input", 14),
        ("SELECT * FROM nosuch", .undefinedTable, #"relation "nosuch" does not exist"#, 15),
        (
            "INSERT INTO kv VALUES ('a','b','c')", .syntaxError,
            "INSERT has more expressions than target columns", 31
        ),
        ("SELECT 'x' 'y'", .syntaxError, #"syntax error at or near "'y'""#, 12),
        ("DELETE FROM kv WHERE foo = 'x'", .undefinedColumn, #"column "foo" does not exist"#, 22),
        ("SELECT 1 2", .syntaxError, #"syntax error at or near "2""#, 10),
        ("x", .syntaxError, #"syntax error at or near "x""#, 1),
        ("SELECT (1", .syntaxError, "syntax error at end of input", 10),
        ("SELECT * FROM kv WHERE", .syntaxError, "syntax error at end of input", 23),
        ("SET x", .syntaxError, "syntax error at end of input", 6),
        ("START", .syntaxError, "syntax error at end of input", 6),
        ("SELECT 3.14.15", .syntaxError, #"syntax error at or near ".15""#, 12),
        ("SELECT 5a", .syntaxError, #"syntax error at or near "5a""#, 8),
        ("SELECT 'abc", .syntaxError, "unterminated quoted string", 8),
        ("SELECT \"abc", .syntaxError, "unterminated quoted identifier", 8),
        ("SELECT /* a /* b */", .syntaxError, "unterminated /* comment", 8),
        ("SELECT \"\"", .syntaxError, "zero-length delimited identifier", 8),
        (
            "DELETE FROM kv WHERE key = 1", .undefinedFunction,
            "operator does not exist: text = integer", 28
        ),
    ]

    @Test(arguments: asInPostgreSQL) func `a mistake is named as PostgreSQL names it`(
        _ text: String, _ code: SQLState, _ message: String, _ position: Int
    ) {
        let error = failure(text)
        #expect(error?.code == code)
        #expect(error?.message == message)
        #expect(error?.position == position)
        #expect(error?.severity == .error)
        #expect(error?.hint != nil)
    }

    @Test(arguments: [
        "CREATE TABLE t (a int)", "EXPLAIN SELECT 1", "WITH x AS (SELECT 1) SELECT * FROM x",
        "TRUNCATE kv", "COPY kv TO STDOUT", "SAVEPOINT a", "ROLLBACK TO a", "COMMIT PREPARED 'x'",
        "DISCARD TEMP", "BEGIN ISOLATION LEVEL SERIALIZABLE", "VACUUM FULL", "VACUUM (FULL)",
        "SELECT DISTINCT key FROM kv", "SELECT key || 'x' FROM kv", "SELECT 1 / 2",
        "SELECT CASE WHEN true THEN 1 END", "SELECT (SELECT 1)", "SELECT -'x'",
        "SELECT '{}'::int[]",
        "SELECT coalesce(replay_lag, '0') FROM pg_stat_replication", "SELECT true IS TRUE",
        "SELECT * FROM kv, kv", "SELECT * FROM kv JOIN kv ON true", "SELECT * FROM (SELECT 1)",
        "SELECT * FROM kv LEFT JOIN kv ON true", "SELECT * FROM kv GROUP BY key",
        "SELECT * FROM kv FOR UPDATE", "SELECT * FROM kv UNION SELECT * FROM kv",
        "SELECT * FROM kv WHERE key IN ('a')", "SELECT * FROM kv WHERE key LIKE 'a%'",
        "DELETE FROM kv WHERE value = 'x'", "DELETE FROM kv WHERE key < 'x'",
        "DELETE FROM kv WHERE key = 'a' AND value = 'b'", "DELETE FROM kv WHERE key = f()",
        "INSERT INTO kv SELECT 1", "INSERT INTO kv DEFAULT VALUES",
        "INSERT INTO kv VALUES ('a', now())", "INSERT INTO kv VALUES ('a', 'b' || 'c')",
        "INSERT INTO kv VALUES ('a', 'b') RETURNING key",
        "INSERT INTO kv VALUES ('a', 'b') ON CONFLICT (value) DO NOTHING",
        "INSERT INTO kv VALUES ('a', 'b') ON CONFLICT (key) DO UPDATE SET value = 'x'",
        "UPDATE kv SET key = 'x'", "UPDATE kv SET (value) = ('x')",
        "UPDATE kv SET value = 'x' FROM kv", "DELETE FROM kv USING kv",
        "DELETE FROM pg_stat_replication",
    ])
    func `SQL that is not the lab's is error 0A000 with a hint`(_ text: String) {
        let error = failure(text)
        #expect(error?.code == .featureNotSupported, "\(error?.message ?? "")")
        #expect(error?.hint != nil)
    }

    @Test(arguments: [
        "SELECT", "SELECT FROM kv", "SELECT *", "SELECT 1,", "SELECT f(", "SELECT f(1", "SELECT ()",
        "SELECT 1 AS", "SELECT * kv", "SELECT * FROM kv LIMIT", "SELECT * FROM kv LIMIT 'a'",
        "INSERT kv", "INSERT INTO kv VALUES", "INSERT INTO kv VALUES ('a' 'b')",
        "INSERT INTO kv VALUES ('a')", "INSERT INTO kv (key, key) VALUES ('a', 'b')",
        "INSERT INTO kv VALUES ('a', 'b') ON CONFLICT DO UPDATE SET value = EXCLUDED.value",
        "UPDATE kv", "UPDATE kv SET value", "DELETE kv", "BEGIN BEGIN", "COMMIT COMMIT", "SHOW",
        "CHECKPOINT now", "SELECT $", "SELECT 1::", "SELECT a.b.c.d.e", "SELECT x.", ")", "'x'",
        "SET TRANSACTION", "SELECT 1 FROM 'kv'", "SELECT f(1 2)", "SELECT 'x' = ",
        "SELECT EXTRACT(epoch now())",
    ])
    func `nonsense is error 42601 or its like`(_ text: String) {
        let error = failure(text)
        #expect([.syntaxError, .featureNotSupported].contains(error?.code))
        #expect((error?.position ?? 0) >= 1)
    }

    @Test(arguments: [
        (
            "SELECT n.nspname, CASE c.relkind WHEN 'r' THEN 'table' END FROM pg_catalog.pg_class c",
            "pg_catalog.pg_class"
        ),
        (
            "SELECT d.datname, pg_catalog.pg_get_userbyid(d.datdba) FROM pg_catalog.pg_database d",
            "pg_catalog.pg_database"
        ),
        ("SELECT a::int + 1, (SELECT 1 FROM x) FROM accounts WHERE a = 1", "accounts"),
        ("SELECT * FROM generate_series(1, 2)", "generate_series"),
        ("VACUUM pgbench_branches", "pgbench_branches"), ("UPDATE t SET a = 1", "t"),
        ("INSERT INTO information_schema.kv VALUES (1)", "information_schema.kv"),
    ])
    func `a client's catalogue query hears that the table does not exist`(
        _ text: String, _ table: String
    ) {
        #expect(failure(text)?.code == .undefinedTable)
        #expect(failure(text)?.message == #"relation "\#(table)" does not exist"#)
    }

    @Test func `a number out of range is error 22003 and a bad escape 22025`() {
        #expect(
            failure("SELECT * FROM kv LIMIT 99999999999999999999")?.code == .numericValueOutOfRange)
        #expect(failure("SELECT * FROM kv LIMIT 1.5")?.code == .numericValueOutOfRange)
        #expect(failure("SELECT $0")?.code == .numericValueOutOfRange)
        #expect(failure("SELECT $70000")?.code == .numericValueOutOfRange)
        for text in [#"E'\u12'"#, #"E'\ud800'"#, #"E'\xff'"#, #"E'\000'"#, #"E'\U00110000'"#] {
            #expect(failure("SELECT \(text)")?.code == .invalidEscapeSequence)
        }
        #expect(failure(#"SELECT E'abc\"#)?.message == "unterminated quoted string")
    }

    @Test func `a function nobody has is error 42883 where it stands`() throws {
        guard case .select(let select) = try SQLStatement.parse("SELECT f(1, 'x')")[0],
            case .call(let call) = select.outputs[0].expression
        else {
            Issue.record("not a call")
            return
        }
        let error = call.undefined(for: ["integer", "unknown"]).serverError
        #expect(error.code == .undefinedFunction)
        #expect(error.message == "function f(integer, unknown) does not exist")
        #expect(error.position == 8)
    }

    @Test func `nesting is bounded whatever a client sends`() throws {
        let mebibyte = (1 << 20) - 8
        for (opening, repeated) in [
            ("SELECT ", "("), ("SELECT ", "f("), ("SELECT 1", "-1"), ("SELECT f(1", "-1"),
            ("SELECT ", "not "), ("SELECT true", " and true"), ("SELECT 1", " is null"),
        ] {
            let text = opening + String(repeating: repeated, count: mebibyte / repeated.count - 8)
            #expect(failure(text)?.code == .statementTooComplex)
        }
        let allowed = String(repeating: "(", count: 64) + "1" + String(repeating: ")", count: 64)
        #expect(
            try SQLStatement.parse("SELECT \(allowed)")
                == [.select(SQLSelect([SQLOutput(.number("1"))]))])
    }

    @Test func `length is bounded whatever a client sends`() throws {
        #expect(failure(String(repeating: " ", count: 1 << 20 + 1))?.code == .programLimitExceeded)
        let wide = "SELECT 1" + String(repeating: ",1", count: 1664)
        #expect(failure(wide)?.code == .tooManyColumns)
        #expect(try SQLStatement.parse(String(repeating: ";", count: 1 << 20)).isEmpty)
        #expect(failure(String(repeating: "/*", count: 1 << 19))?.code == .syntaxError)
        #expect(failure(String(repeating: "''", count: 1 << 19))?.code == .syntaxError)
    }

    @Test func `a message stays short whatever a client sends`() {
        for text in [
            "SELECT '" + String(repeating: "x", count: 100_000) + "' 'y'  'z'",
            "'" + String(repeating: "x", count: 100_000) + "'",
            "SELECT * FROM kv LIMIT " + String(repeating: "9", count: 100_000),
            "x" + String(repeating: "\u{301}", count: 50_000),
        ] {
            #expect((failure(text)?.message.utf8.count ?? .max) < 1000)
        }
    }

    @Test func `a name is cut to 63 bytes, at a character`() throws {
        let name = String(repeating: "a", count: 62) + "éx"
        #expect(
            try SQLStatement.parse("SHOW \(name)") == [.show(String(repeating: "a", count: 62))])
    }
}
