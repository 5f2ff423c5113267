import Testing

@testable import WireProtocol

struct SQLStatementTests {
    private func parse(_ text: String) throws -> SQLStatement {
        let statements = try SQLStatement.parse(text)
        return try #require(statements.count == 1 ? statements.first : nil)
    }

    private static let both: [SQLSelect.Output] = [
        .init(.key, name: "key"), .init(.value, name: "value"),
    ]

    static let selections: [(String, SQLSelect)] = [
        ("SELECT * FROM kv", SQLSelect(outputs: both)),
        ("select key, value from public.kv;", SQLSelect(outputs: both)),
        ("SELECT kv.key, public.kv.value FROM kv", SQLSelect(outputs: both)),
        (
            "SELECT value FROM kv WHERE key = 'it''s'",
            SQLSelect(outputs: [.init(.value, name: "value")], key: .text("it's"))
        ),
        (
            "SELECT value AS v, key k, value \"V\" FROM kv WHERE key=$1",
            SQLSelect(
                outputs: [
                    .init(.value, name: "v"), .init(.key, name: "k"), .init(.value, name: "V"),
                ], key: .parameter(1))
        ),
        (
            "SELECT * FROM kv ORDER BY key LIMIT 10",
            SQLSelect(outputs: both, order: SQLOrder(by: .key), limit: 10)
        ),
        (
            "SELECT * FROM \"kv\" WHERE key = E'a\\tb' ORDER BY value DESC LIMIT ALL",
            SQLSelect(
                outputs: both, key: .text("a\tb"), order: SQLOrder(by: .value, descending: true))
        ),
        (
            "SELECT count(*) FROM kv /* all /* of */ it */ -- the end",
            SQLSelect(outputs: [.init(.count, name: "count")])
        ),
        (
            "SELECT count(*) AS n FROM kv WHERE key = NULL ORDER BY key ASC LIMIT 0",
            SQLSelect(
                outputs: [.init(.count, name: "n")], key: .null, order: SQLOrder(by: .key),
                limit: 0)
        ),
    ]

    @Test(arguments: selections) func `rows are selected`(_ text: String, _ select: SQLSelect)
        throws
    {
        #expect(try parse(text) == .select(select))
    }

    static let writes: [(String, SQLStatement)] = [
        (
            "INSERT INTO kv VALUES ('a', '1')",
            .insert(rows: [SQLRow(key: .text("a"), value: .text("1"))], onConflict: .fail)
        ),
        (
            "INSERT INTO kv (value, key) VALUES (1, 'a'), (NULL, $2), (-2.5, E'\\x41')",
            .insert(
                rows: [
                    SQLRow(key: .text("a"), value: .text("1")),
                    SQLRow(key: .parameter(2), value: .null),
                    SQLRow(key: .text("A"), value: .text("-2.5")),
                ], onConflict: .fail)
        ),
        (
            "insert into kv (key) values ('a'::text) on conflict do nothing",
            .insert(rows: [SQLRow(key: .text("a"), value: .null)], onConflict: .nothing)
        ),
        (
            "INSERT INTO kv VALUES ('a', true) ON CONFLICT (key) DO UPDATE "
                + "SET value = EXCLUDED.value",
            .insert(rows: [SQLRow(key: .text("a"), value: .text("true"))], onConflict: .update)
        ),
        ("UPDATE kv SET value = 'x'", .update(value: .text("x"), key: nil)),
        (
            "update kv set value=7 where key=$1",
            .update(value: .text("7"), key: .parameter(1))
        ),
        ("DELETE FROM kv", .delete(key: nil)),
        ("DELETE FROM kv WHERE kv.key = 'a'", .delete(key: .text("a"))),
    ]

    @Test(arguments: writes) func `rows are changed`(_ text: String, _ statement: SQLStatement)
        throws
    {
        #expect(try parse(text) == statement)
    }

    static let others: [(String, SQLStatement)] = [
        ("BEGIN", .begin), ("begin work", .begin), ("START TRANSACTION", .begin),
        ("BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE", .begin), ("COMMIT", .commit),
        ("END TRANSACTION", .commit), ("ROLLBACK", .rollback), ("ABORT WORK", .rollback),
        ("SHOW server_version", .show("server_version")),
        ("SHOW TRANSACTION ISOLATION LEVEL", .show("transaction_isolation")),
        ("SHOW TIME ZONE", .show("timezone")), ("SHOW a.b", .show("a.b")),
        ("SET datestyle TO 'ISO, DMY'", .set(name: "datestyle", value: "ISO, DMY")),
        ("SET SESSION search_path = a, \"B\"", .set(name: "search_path", value: "a, B")),
        ("SET LOCAL x = -1", .set(name: "x", value: "-1")),
        ("SET TIME ZONE 'UTC'", .set(name: "timezone", value: "UTC")),
        (
            "SET TRANSACTION READ ONLY; ",
            .set(name: "transaction", value: "READ ONLY")
        ),
        ("VACUUM", .vacuum), ("VACUUM kv", .vacuum), ("VACUUM VERBOSE ANALYZE kv", .vacuum),
        ("CHECKPOINT", .checkpoint),
        (
            "SELECT * FROM pg_stat_replication",
            .selectFromView("pg_stat_replication", columns: [])
        ),
        (
            "SELECT slot_name, restart_lsn AS lsn FROM pg_catalog.pg_replication_slots",
            .selectFromView(
                "pg_replication_slots",
                columns: [SQLColumn("slot_name"), SQLColumn("restart_lsn", name: "lsn")])
        ),
        (
            "SELECT status FROM pg_stat_wal_receiver;",
            .selectFromView("pg_stat_wal_receiver", columns: [SQLColumn("status")])
        ),
    ]

    @Test(arguments: others) func `the rest is understood`(
        _ text: String, _ statement: SQLStatement
    ) throws {
        #expect(try parse(text) == statement)
    }

    static let expressions: [(String, SQLExpression)] = [
        ("1", .number("1")), ("-1.5e-3", .number("-1.5e-3")), (".5", .number(".5")),
        ("TRUE", .boolean(true)), ("false", .boolean(false)), ("null", .null),
        ("'0/16B3748'::pg_lsn", .text("0/16B3748")), ("pg_lsn '0/0'", .text("0/0")),
        ("$2::timestamp with time zone", .parameter(2)), ("(('x'))::varchar(3)[]", .text("x")),
        ("version()", .call(SQLCall("version", position: 8))),
        ("pg_catalog.Now()", .call(SQLCall("now", position: 8))),
        ("current_timestamp", .call(SQLCall("current_timestamp", position: 8))),
        (
            "pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')",
            .call(
                SQLCall(
                    "pg_wal_lsn_diff",
                    [.call(SQLCall("pg_current_wal_lsn", position: 24)), .text("0/0")],
                    position: 8))
        ),
        (
            "now() - pg_last_xact_replay_timestamp()",
            .difference(
                .call(SQLCall("now", position: 8)),
                .call(SQLCall("pg_last_xact_replay_timestamp", position: 16)))
        ),
        ("3-2-1", .difference(.difference(.number("3"), .number("2")), .number("1"))),
        ("3-(2-1)", .difference(.number("3"), .difference(.number("2"), .number("1")))),
        (
            "EXTRACT(EPOCH FROM now())",
            .call(
                SQLCall(
                    "extract", [.text("epoch"), .call(SQLCall("now", position: 27))], position: 8))
        ),
    ]

    @Test(arguments: expressions) func `scalars are expression trees`(
        _ text: String, _ expression: SQLExpression
    ) throws {
        #expect(try parse("SELECT \(text)") == .selectExpressions([SQLOutput(expression)]))
    }

    @Test func `a computed column has PostgreSQL's name or its alias`() throws {
        guard
            case .selectExpressions(let outputs) = try parse(
                "SELECT now(), 1, true, now() - now(), 2 AS two, f() \"F\", 3 three, 4 AS from")
        else {
            Issue.record("not scalars")
            return
        }
        #expect(
            outputs.map(\.name)
                == ["now", "?column?", "?column?", "?column?", "two", "F", "three", "from"])
    }

    @Test func `several statements stand in one text and empty ones vanish`() throws {
        #expect(
            try SQLStatement.parse(";; BEGIN; ; DELETE FROM kv ;COMMIT;-- done")
                == [.begin, .delete(key: nil), .commit])
        #expect(try SQLStatement.parse("").isEmpty)
        #expect(try SQLStatement.parse(" ; /* nothing */ ; ").isEmpty)
    }

    @Test func `escapes make the characters PostgreSQL makes`() throws {
        #expect(
            try parse(#"SELECT E'a\'b\\c\n\101\x41\u00e9\U0001F418\q''d'"#)
                == .selectExpressions([SQLOutput(.text("a'b\\c\nAAé🐘q'd"))]))
        #expect(try parse(#"SELECT 'a\n'"#) == .selectExpressions([SQLOutput(.text(#"a\n"#))]))
    }

    @Test(arguments: ["it's", "", "'", "''", "\\", "größe 🐘", "a\nb", "e\u{301}'"])
    func `a quoted literal is read back as it was`(_ text: String) throws {
        #expect(
            try parse("SELECT \(SQLLiteral.quoted(text))")
                == .selectExpressions([SQLOutput(.text(text))]))
        #expect(SQLLiteral.quoted("it's") == "'it''s'")
        #expect(SQLLiteral.quotedIdentifier("a\"b") == "\"a\"\"b\"")
    }

    @Test func `a parameter is replaced by the value bound to it`() throws {
        let insert = try parse("INSERT INTO kv VALUES ($1, $2)")
        #expect(insert.parameterCount == 2)
        #expect(
            try insert.bound(to: ["k", nil])
                == .insert(rows: [SQLRow(key: .text("k"), value: .null)], onConflict: .fail))
        #expect(throws: ServerError.self) { try insert.bound(to: ["k"]) }
        for text in [
            "SELECT * FROM kv WHERE key = $1", "DELETE FROM kv WHERE key = $1",
            "UPDATE kv SET value = $1", "UPDATE kv SET value = 'x' WHERE key = $1",
            "SELECT f(1, g($1) - 2)",
        ] {
            let statement = try parse(text)
            #expect(statement.parameterCount == 1)
            #expect(
                try statement.bound(to: ["v"])
                    == parse(text.replacing("$1", with: "'v'")))
        }
        #expect(try parse("COMMIT").bound(to: []) == .commit)
    }
}
