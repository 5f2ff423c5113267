import Cluster
import DatabaseNode
import Foundation
import TestSupport
import Testing

/// PostgreSQL's client programs, and psycopg where there is one, use a node as they use a server.
@Suite(.enabled(if: PostgresTools.areWanted, "PostgreSQL 15's programs are not installed"))
struct FrontDoorTests {
    private let lab: Lab
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        lab = try Lab(LabOptions(directory: folder.path + "/lab"))
    }

    private func port(_ node: String) throws -> String { try lab.portText(of: node) }

    private func psql(_ node: String, _ queries: String...) throws -> PostgresTools.Outcome {
        try PostgresTools.run(
            "psql",
            ["-XAt", "-h", "127.0.0.1", "-p", try port(node), "-U", "me"]
                + queries.flatMap { ["-c", $0] } + ["x"])
    }

    /// Runs a script of pgbench's; gives the transactions it says were processed.
    private func pgbench(_ mode: String, _ script: [String]) throws -> Int {
        let file = "\(folder.path)/\(mode).sql"
        try script.joined(separator: "\n").write(
            toFile: file, atomically: true, encoding: .utf8)
        let outcome = try PostgresTools.run(
            "pgbench",
            [
                "-n", "-h", "127.0.0.1", "-p", try port("p"), "-U", "me", "-M", mode, "-c", "4",
                "-t", "25", "-f", file, "x",
            ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let line = outcome.lines.first { $0.contains("actually processed: ") }
        let count = line?.split(separator: " ").last?.split(separator: "/").first
        return count.flatMap { Int($0) } ?? 0
    }

    @Test func `the chapter's lag queries run as printed`() throws {
        defer { lab.close() }
        try lab.setDelay(.milliseconds(800), of: "r1")
        _ = try lab.write("a", "1", on: "p")
        #expect(lab.wait(.seconds(2)))
        let lag = try psql("r1", "SELECT now() - pg_last_xact_replay_timestamp()")
        #expect(lag.output == "00:00:02\n")
        let bytes = "pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) AS lag"
        let query = "SELECT application_name, \(bytes) FROM pg_stat_replication ORDER BY 1"
        #expect(try psql("p", query).output == "r1|0\nr2|0\n")
        let delays = "SELECT write_lag, flush_lag, replay_lag FROM pg_stat_replication ORDER BY 1"
        #expect(
            try psql("p", delays).output
                == "00:00:00|00:00:00|00:00:00\n00:00:00.8|00:00:00.8|00:00:00.8\n")
        // On a replica there is no position to write at; PostgreSQL says the same.
        let byteLag = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), pg_last_wal_replay_lsn())"
        #expect(try psql("p", byteLag).output == "\n")
        #expect(try psql("r1", byteLag).errors.hasPrefix("ERROR:  recovery is in progress\n"))
    }

    @Test func `psql shows where a mistake is, and its catalogue queries end in one`() throws {
        defer { lab.close() }
        #expect(
            try psql("p", "SELECT key, nope FROM kv").errors.hasPrefix(
                "ERROR:  column \"nope\" does not exist\nLINE 1: SELECT key, nope FROM kv\n"
                    + "                    ^\nHINT:  "))
        for command in ["\\d", "\\l", "\\dt", "\\du", "\\d kv"] {
            let outcome = try psql("p", command)
            #expect(outcome.status == 1)
            #expect(outcome.errors.hasPrefix("ERROR:  relation \"pg_catalog."), "\(command)")
            #expect(outcome.errors.contains("\nHINT:  "))
        }
        for command in ["COPY kv FROM STDIN", "\\copy kv to stdout", "LISTEN x", "SAVEPOINT a"] {
            #expect(try psql("p", command).errors.contains("is not supported"), "\(command)")
        }
    }

    @Test func `psql's statements in one string are one transaction`() throws {
        defer { lab.close() }
        let insert = "INSERT INTO kv VALUES ('a', '1')"
        #expect(try psql("p", "\(insert); \(insert)").status == 1)
        #expect(
            try psql("p", "SELECT count(*) FROM kv", "\(insert); SELECT * FROM kv").output
                == "0\nINSERT 0 1\na|1\n")
        #expect(lab.wait(.zero))
        #expect(try lab.read("a", on: "r2").value == "1")
    }

    @Test(arguments: ["simple", "extended", "prepared"])
    func `pgbench writes and reads in every protocol it speaks`(mode: String) throws {
        defer { lab.close() }
        let script = [
            "\\set k random(1, 1000000000)",
            "INSERT INTO kv VALUES (:k, 'x') ON CONFLICT (key) DO UPDATE "
                + "SET value = EXCLUDED.value;", "BEGIN;",
            "SELECT value FROM kv WHERE key = '1';", "COMMIT;",
        ]
        #expect(try pgbench(mode, script) == 100)
        #expect(lab.wait(.zero))
        let counts = lab.snapshot().nodes.map { $0.positions?.commits }
        #expect(counts == [100, 100, 100])
    }

    @Test func `pgbench's pipelines are one transaction each`() throws {
        defer { lab.close() }
        let script = [
            "\\set k random(1, 1000000000)", "\\startpipeline",
            "INSERT INTO kv VALUES (:k, 'x') ON CONFLICT DO NOTHING;",
            "UPDATE kv SET value = 'y' WHERE key = 'none';", "SELECT 1;", "\\endpipeline",
        ]
        #expect(try pgbench("extended", script) == 100)
        #expect(lab.wait(.zero))
        #expect(lab.snapshot()["r1"]?.positions?.commits == 100)
    }

    @Test(.enabled(if: Psycopg.python != nil, "SHIPLOG_PSYCOPG_PYTHON names no interpreter"))
    func `psycopg works as with any server`() throws {
        defer { lab.close() }
        let outcome = try Psycopg.run(primary: try port("p"), replica: try port("r1"))
        #expect(outcome.errors == "")
        #expect(outcome.lines == Psycopg.expected)
    }

    /// The older psycopg streams the log over a slot of its own; pg8000 and asyncpg speak the
    /// extended protocol, asyncpg with binary results.
    @Test(.enabled(if: Psycopg.python != nil, "SHIPLOG_PSYCOPG_PYTHON names no interpreter"))
    func `other drivers work as with any server`() throws {
        defer { lab.close() }
        let outcome = try Drivers.run(primary: try port("p"))
        #expect(outcome.errors == "")
        #expect(outcome.lines == Drivers.expected)
        #expect(lab.retention().first?.slots.map(\.name) == ["driver"])
    }
}
