import Foundation
import Testing

/// The Python driver psycopg 3, if an interpreter that has it is named by the environment.
enum Psycopg {
    static var python: String? {
        ProcessInfo.processInfo.environment["SHIPLOG_PSYCOPG_PYTHON"]
    }

    static func run(primary: String, replica: String) throws -> PostgresTools.Outcome {
        let program = try #require(python)
        return try PostgresTools.run(path: program, ["-c", script, primary, replica])
    }

    /// Each line is one thing a program does with a database.
    private static let script = """
        import sys, psycopg
        def dsn(port): return f"host=127.0.0.1 port={port} user=me dbname=x"
        with psycopg.connect(dsn(sys.argv[1])) as c:
            c.execute("INSERT INTO kv VALUES (%s, %s)", ("a", 1))
            print(c.info.transaction_status.name, c.execute("SELECT * FROM kv").fetchall())
            c.rollback()
            print(c.execute("SELECT count(*) FROM kv").fetchone())
            c.cursor().executemany(
                "INSERT INTO kv VALUES (%s, %s)", [(f"k{i}", i) for i in range(20)])
            c.commit()
            for i in range(8):
                row = c.execute("SELECT value FROM kv WHERE key = %s", (f"k{i}",)).fetchone()
            print(row, len(c._prepared._names))
            print(c.execute("SELECT %b::int, %b::text, %s::bool", (5, "x", True)).fetchone())
            print(c.cursor(binary=True).execute("SELECT 1, 1.50, now() - now()").fetchone())
            try:
                c.execute("INSERT INTO kv VALUES ('k0', '')")
            except psycopg.errors.UniqueViolation as error:
                print(error.sqlstate, c.info.transaction_status.name)
            c.rollback()
            with c.pipeline():
                for i in range(10): c.execute("INSERT INTO kv VALUES (%s, %s)", (f"p{i}", ""))
                print(c.execute("SELECT count(*) FROM kv").fetchone())
            c.rollback()
            try:
                with c.pipeline() as pipeline:
                    c.execute("SELECT 1"), c.execute("SELECT nope"), c.execute("SELECT 2")
                    pipeline.sync()
            except psycopg.errors.UndefinedColumn as error:
                print(error.sqlstate)
            c.rollback()
            c.autocommit = True
            with c.transaction(): c.execute("DELETE FROM kv WHERE key = 'k0'")
            print(c.execute("SELECT count(*) FROM kv").fetchone(), c.info.transaction_status.name)
            print(psycopg.ClientCursor(c).execute("SELECT %s", ("it's",)).fetchone())
            print(sum(1 for row in c.cursor().stream("SELECT * FROM kv")))
        with psycopg.connect(dsn(sys.argv[2])) as c:
            try:
                c.execute("DELETE FROM kv WHERE key = %s", ("a",))
            except psycopg.errors.ReadOnlySqlTransaction as error:
                print(error.sqlstate)
        """

    static let expected: [Substring] = [
        "INTRANS [('a', '1')]", "(0,)", "('7',) 2", "(5, 'x', True)",
        "(1, Decimal('1.50'), datetime.timedelta(0))", "23505 INERROR", "(30,)", "42703",
        "(19,) IDLE", "(\"it's\",)", "19", "25006",
    ]
}
