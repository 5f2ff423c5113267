import Testing

@testable import SQLServer
@testable import WireProtocol

struct SQLStatementTests {
    private func parse(_ text: String) throws -> SQLStatement {
        let statements = try SQLStatement.parse(text)
        return try #require(statements.count == 1 ? statements.first : nil)
    }

    private static let kv = SQLRelation(.kv)

    private static func column(
        _ name: String, as alias: String? = nil, at position: Int
    ) -> SQLOutput {
        SQLOutput(.column(SQLColumn(name, position: position)), name: alias)
    }

    private static func key(at position: Int, equals value: SQLExpression, _ sign: Int)
        -> SQLExpression
    {
        let key = SQLExpression.column(SQLColumn("key", position: position))
        return .operation(SQLOperation(key, .equal, value, position: sign))
    }

    static let selections: [(String, SQLSelect)] = [
        ("SELECT * FROM kv", SQLSelect([.star(position: 8)], from: kv)),
        (
            "select key, k.value from public.kv as k;",
            SQLSelect(
                [
                    column("key", at: 8),
                    SQLOutput(.column(SQLColumn("value", table: "k", position: 13))),
                ], from: SQLRelation(.kv, as: "k"))
        ),
        (
            "SELECT value FROM kv WHERE key = 'it''s'",
            SQLSelect(
                [column("value", at: 8)], from: kv, where: key(at: 28, equals: .text("it's"), 32))
        ),
        (
            "SELECT value AS v, key k, value \"V\" FROM kv WHERE key=$1",
            SQLSelect(
                [
                    column("value", as: "v", at: 8), column("key", as: "k", at: 20),
                    column("value", as: "V", at: 27),
                ], from: kv, where: key(at: 51, equals: .parameter(1), 54))
        ),
        (
            "SELECT * FROM kv ORDER BY key, 2 DESC LIMIT 10 OFFSET $1 ROWS",
            SQLSelect(
                [.star(position: 8)], from: kv,
                order: [
                    SQLOrder(by: .column(SQLColumn("key", position: 27)), position: 27),
                    SQLOrder(by: .number("2"), descending: true, position: 32),
                ], limit: .number("10"), offset: .parameter(1))
        ),
        (
            "SELECT count(*) AS n FROM kv /* all /* of */ it */ LIMIT ALL -- the end",
            SQLSelect([SQLOutput(.countStar, name: "n")], from: kv)
        ),
        (
            "SELECT slot_name, restart_lsn AS lsn FROM pg_catalog.pg_replication_slots s",
            SQLSelect(
                [column("slot_name", at: 8), column("restart_lsn", as: "lsn", at: 19)],
                from: SQLRelation(.replicationSlots, as: "s"))
        ),
        (
            "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) AS lag "
                + "FROM pg_stat_replication",
            SQLSelect(
                [
                    SQLOutput(
                        .call(
                            SQLCall(
                                "pg_wal_lsn_diff",
                                [
                                    .call(SQLCall("pg_current_wal_lsn", position: 24)),
                                    .column(SQLColumn("replay_lsn", position: 46)),
                                ], position: 8)), name: "lag")
                ], from: SQLRelation(.statReplication))
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
        ("BEGIN", .begin(readOnly: nil)), ("begin work", .begin(readOnly: nil)),
        ("START TRANSACTION READ ONLY", .begin(readOnly: true)),
        (
            "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE",
            .begin(readOnly: false, isolation: .readCommitted)
        ),
        ("COMMIT", .commit),
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
        ("CHECKPOINT", .checkpoint), ("RESET ALL", .reset(nil)),
        ("RESET TIME ZONE", .reset("timezone")), ("DEALLOCATE \"a b\"", .deallocate("a b")),
        ("DEALLOCATE PREPARE ALL", .deallocate(nil)), ("DISCARD ALL", .discardAll),
    ]

    @Test(arguments: others) func `the rest is understood`(
        _ text: String, _ statement: SQLStatement
    ) throws {
        #expect(try parse(text) == statement)
    }

    static let expressions: [(String, SQLExpression)] = [
        ("1", .number("1")), ("-1.5e-3", .number("-1.5e-3")), (".5", .number(".5")),
        ("TRUE", .boolean(true)), ("false", .boolean(false)), ("null", .null),
        ("'0/0'::pg_lsn", .cast(.text("0/0"), SQLTypeName("pg_lsn", position: 15))),
        ("pg_lsn '0/0'", .cast(.text("0/0"), SQLTypeName("pg_lsn", position: 8))),
        (
            "$2::timestamp with time zone",
            .cast(.parameter(2), SQLTypeName("timestamptz", position: 12))
        ),
        (
            "(('x'))::character varying(3)",
            .cast(.text("x"), SQLTypeName("varchar", position: 17))
        ),
        ("replay_lag", .column(SQLColumn("replay_lag", position: 8))),
        ("public.kv.key", .column(SQLColumn("key", table: "kv", position: 8))),
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
            .operation(
                SQLOperation(
                    .call(SQLCall("now", position: 8)), .minus,
                    .call(SQLCall("pg_last_xact_replay_timestamp", position: 16)), position: 14))
        ),
        (
            "3-2-1",
            .operation(
                SQLOperation(
                    .operation(SQLOperation(.number("3"), .minus, .number("2"), position: 9)),
                    .minus, .number("1"), position: 11))
        ),
        (
            "3-(2-1)",
            .operation(
                SQLOperation(
                    .number("3"), .minus,
                    .operation(SQLOperation(.number("2"), .minus, .number("1"), position: 12)),
                    position: 9))
        ),
        (
            "1+2*3",
            .operation(
                SQLOperation(
                    .number("1"), .plus,
                    .operation(SQLOperation(.number("2"), .times, .number("3"), position: 11)),
                    position: 9))
        ),
        (
            "NOT $1 IS NOT NULL OR true",
            .operation(
                SQLOperation(
                    .not(.not(.isNull(.parameter(1)))), .or, .boolean(true), position: 27))
        ),
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
        #expect(try parse("SELECT \(text)") == .select(SQLSelect([SQLOutput(expression)])))
    }

    @Test func `a computed column has PostgreSQL's name or its alias`() throws {
        guard
            case .select(let select) = try parse(
                "SELECT now(), 1, true, now() - now(), 2 AS two, f() \"F\", 3 three, 4 AS from, "
                    + "'1'::text::int, now()::text, count(*)")
        else {
            Issue.record("not scalars")
            return
        }
        #expect(
            select.outputs
                == [
                    "now", "?column?", "?column?", "?column?", "two", "F", "three", "from", "int4",
                    "now", "count",
                ].enumerated().compactMap { index, name in
                    select.outputs[index].expression.map { .value($0, name: name) }
                })
    }

    @Test func `several statements stand in one text and empty ones vanish`() throws {
        #expect(
            try SQLStatement.parse(";; BEGIN; ; DELETE FROM kv ;COMMIT;-- done")
                == [.begin(readOnly: nil), .delete(key: nil), .commit])
        #expect(try SQLStatement.parse("").isEmpty)
        #expect(try SQLStatement.parse(" ; /* nothing */ ; ").isEmpty)
    }

    @Test func `escapes make the characters PostgreSQL makes`() throws {
        #expect(
            try parse(#"SELECT E'a\'b\\c\n\101\x41\u00e9\U0001F418\q''d'"#)
                == .select(SQLSelect([SQLOutput(.text("a'b\\c\nAAé🐘q'd"))])))
        #expect(
            try parse(#"SELECT 'a\n'"#) == .select(SQLSelect([SQLOutput(.text(#"a\n"#))])))
    }

    @Test(arguments: ["it's", "", "'", "''", "\\", "größe 🐘", "a\nb", "e\u{301}'"])
    func `a quoted literal is read back as it was`(_ text: String) throws {
        #expect(
            try parse("SELECT \(SQLLiteral.quoted(text))")
                == .select(SQLSelect([SQLOutput(.text(text))])))
        #expect(SQLLiteral.quoted("it's") == "'it''s'")
        #expect(SQLLiteral.quotedIdentifier("a\"b") == "\"a\"\"b\"")
    }

    @Test(arguments: [
        ("INSERT INTO kv VALUES ($1, $3), ('a', $2)", 3), ("DELETE FROM kv WHERE key = $1", 1),
        ("UPDATE kv SET value = $2 WHERE key = $1", 2), ("SELECT f(1, g($4) - 2)", 4),
        ("SELECT * FROM kv WHERE NOT key = $1 ORDER BY $2 LIMIT $3 OFFSET $5", 5),
        ("SELECT $2::int IS NULL", 2), ("COMMIT", 0), ("SELECT * FROM nosuch WHERE a = $1", 0),
    ]) func `the highest parameter says how many values are wanted`(_ text: String, _ count: Int)
        throws
    {
        #expect(try parse(text).parameterCount == count)
    }

    @Test func `SQL that cannot be carried out does not stop what stands before it`() throws {
        let statements = try SQLStatement.parse("BEGIN; COPY kv TO STDOUT; SELECT 1 / 2; COMMIT")
        #expect(
            statements == [
                .begin(readOnly: nil),
                .refused(SQLSyntaxError(.unsupported("COPY"), at: 8)),
                .refused(SQLSyntaxError(.unsupported("the operator /"), at: 36)), .commit,
            ])
        #expect(throws: SQLSyntaxError.self) { try SQLStatement.parse("BEGIN; COPY 'x; COMMIT") }
    }
}
