import Cluster
import DatabaseNode
import Testing
import WALFormat
import WireProtocol

/// Simple queries on a node's port: each answer is the one PostgreSQL 15 gives.
struct ServerQueryTests {
    private func answers(_ queries: [String]) throws -> [String] {
        let lab = try watchedLab(LabOptions(replicas: 0))
        defer { lab.close() }
        let client = try ServerTestClient(lab)
        return queries.map { query in
            client.query(query).map(\.description).joined(separator: " ")
        }
    }

    @Test(arguments: [
        ("", "empty I"), (" ; /* */ ;", "empty I"), ("SELECT 1", #"["1"] SELECT 1 I"#),
        ("SELECT 1; SELECT 'b'", #"["1"] SELECT 1 ["b"] SELECT 1 I"#),
        ("COMMIT", "N25P01 COMMIT I"), ("ROLLBACK", "N25P01 ROLLBACK I"),
        ("BEGIN; BEGIN; COMMIT", "BEGIN N25001 BEGIN COMMIT I"),
        ("SELECT 1; SELECT * FROM nope; SELECT 2", #"["1"] SELECT 1 E42P01 I"#),
        ("SELECT 1; SELEC", "E42601 I"), ("COPY kv FROM STDIN", "E0A000 I"),
        ("SELECT $1", "E42P02 I"), ("VACUUM", "E0A000 I"),
    ])
    func `a query is answered as PostgreSQL answers it`(_ query: String, _ answer: String) throws {
        #expect(try answers([query]) == [answer])
    }

    @Test func `the statements of one query are one transaction`() throws {
        let insert = "INSERT INTO kv VALUES ('a', '1')"
        let count = "SELECT count(*) FROM kv"
        #expect(
            try answers([
                "\(insert); \(insert)", count, "\(insert); SELECT nope", count,
                "\(insert); SELECT * FROM kv; UPDATE kv SET value = '2'; SELECT value FROM kv",
                "DELETE FROM kv; ROLLBACK; \(count)", "DELETE FROM kv; COMMIT; SELECT nope", count,
            ]) == [
                "INSERT 0 1 E23505 I", #"["0"] SELECT 1 I"#, "INSERT 0 1 E42703 I",
                #"["0"] SELECT 1 I"#,
                #"INSERT 0 1 ["a", "1"] SELECT 1 UPDATE 1 ["2"] SELECT 1 I"#,
                #"DELETE 1 N25P01 ROLLBACK ["1"] SELECT 1 I"#,
                "DELETE 1 N25P01 COMMIT E42703 I", #"["0"] SELECT 1 I"#,
            ])
    }

    @Test func `BEGIN in a query takes what stands before it into its block`() throws {
        #expect(
            try answers([
                "INSERT INTO kv VALUES ('a', '1'); BEGIN; INSERT INTO kv VALUES ('b', '1')",
                "ROLLBACK; SELECT count(*) FROM kv",
                "BEGIN; INSERT INTO kv VALUES ('a', '1'); COMMIT; SELECT nope",
                "SELECT count(*) FROM kv",
            ]) == [
                "INSERT 0 1 BEGIN INSERT 0 1 T", #"ROLLBACK ["0"] SELECT 1 I"#,
                "BEGIN INSERT 0 1 COMMIT E42703 I", #"["1"] SELECT 1 I"#,
            ])
    }

    @Test func `a block that failed takes nothing but its end`() throws {
        #expect(
            try answers([
                "BEGIN", "SELECT nope", "SELECT 1", "SELECT * FROM nope", "SELEC", "", "BEGIN",
                "COMMIT", "SELECT 1", "BEGIN; SELECT nope", "SELECT 1; ROLLBACK", "ROLLBACK",
            ]) == [
                "BEGIN T", "E42703 E", "E25P02 E", "E25P02 E", "E42601 E", "empty E", "E25P02 E",
                "ROLLBACK I", #"["1"] SELECT 1 I"#, "BEGIN E42703 E", "E25P02 E", "ROLLBACK I",
            ])
    }

    @Test func `a read-only transaction and a replica refuse every change`() throws {
        let lab = try watchedLab(LabOptions(replicas: 1))
        defer { lab.close() }
        let primary = try ServerTestClient(lab)
        let replica = try ServerTestClient(lab, "r1")
        let changes = [
            "INSERT INTO kv VALUES ('a', '1')", "UPDATE kv SET value = '1'", "DELETE FROM kv",
        ]
        for change in changes {
            #expect(primary.query("BEGIN READ ONLY; \(change)").contains(.error("25006")))
            #expect(primary.query("ROLLBACK").last == .ready("I"))
            #expect(replica.query(change) == [.error("25006"), .ready("I")])
        }
        #expect(replica.query("BEGIN; SELECT 1; COMMIT").last == .ready("I"))
        #expect(replica.query("SELECT pg_switch_wal()").contains(.error("55000")))
    }

    @Test(arguments: [false, true])
    func `an OK comes only when the commit is durable`(extended: Bool) throws {
        let lab = try watchedLab(LabOptions(replicas: 0))
        defer { lab.close() }
        let client = try ServerTestClient(lab)
        for number in 0..<50 {
            let insert = "INSERT INTO kv VALUES ('\(number)', '1')"
            if extended {
                client.send(
                    .parse(Parse(query: insert)), .bind(Bind()),
                    .execute(portal: "", maximumRows: 0), .sync)
            } else {
                client.send(.query(insert))
            }
            let positions = client.messagesUntilReady().compactMap { message -> LSN? in
                guard case .parameterStatus("shiplog.commit", let text) = message else {
                    return nil
                }
                return ReportedParameter.position(text)?.lsn
            }
            let durable = try #require(lab.snapshot()["p"]?.positions?.flush)
            #expect(positions.count == 1)
            #expect(positions.allSatisfy { $0 <= durable })
        }
    }

    @Test func `a session sees its own changes, and others see them when it commits`() throws {
        let lab = try watchedLab(LabOptions(replicas: 0))
        defer { lab.close() }
        let (one, other) = (try ServerTestClient(lab), try ServerTestClient(lab))
        let all = "SELECT key FROM kv ORDER BY key"
        _ = one.query("INSERT INTO kv VALUES ('a', '1'), ('b', '1')")
        _ = one.query("BEGIN; DELETE FROM kv WHERE key = 'a'; INSERT INTO kv VALUES ('c', '1')")
        #expect(one.query(all).prefix(2) == [.row(["b"]), .row(["c"])])
        #expect(other.query(all).prefix(2) == [.row(["a"]), .row(["b"])])
        #expect(other.query("DELETE FROM kv WHERE key = 'a'") == [.error("40001"), .ready("I")])
        _ = one.query("COMMIT")
        #expect(other.query(all).prefix(2) == [.row(["b"]), .row(["c"])])
    }

    @Test func `a client that leaves in a transaction leaves nothing behind`() throws {
        let lab = try watchedLab(LabOptions(replicas: 0))
        defer { lab.close() }
        let client = try ServerTestClient(lab)
        _ = client.query("BEGIN; INSERT INTO kv VALUES ('a', '1')")
        client.send(.terminate)
        #expect(client.bytesUntilEnd().isEmpty)
        // Were it still open, the key would be in somebody's hands.
        _ = try lab.write("a", "2", on: "p")
    }

    @Test func `rows are found, ordered and cut as SQL says`() throws {
        let rows = "INSERT INTO kv VALUES ('a', '1'), ('c', '3'), ('b', '2')"
        #expect(
            try answers([
                rows, "SELECT key FROM kv ORDER BY key DESC LIMIT 1 OFFSET 1",
                "SELECT key FROM kv WHERE key > 'a' AND NOT value = '3'",
                "SELECT count(*) FROM kv WHERE key = 'a' OR key = 'b'",
                "SELECT k.value FROM kv k WHERE k.key = 'c'", "SELECT key FROM kv LIMIT 0",
                "SELECT key FROM kv WHERE key = NULL", "SELECT * FROM kv ORDER BY 3",
                "SELECT * FROM kv LIMIT -1", "SELECT key, count(*) FROM kv",
                "SELECT * FROM kv WHERE 1", "SELECT x.key FROM kv",
                "SELECT * FROM kv WHERE key = 1",
                "INSERT INTO kv VALUES ('a', 'x'), ('d', 'x') ON CONFLICT DO NOTHING",
                "INSERT INTO kv VALUES ('e', '1'), ('e', '2') ON CONFLICT (key) DO UPDATE "
                    + "SET value = EXCLUDED.value", "INSERT INTO kv VALUES ('f', NULL)",
            ]) == [
                "INSERT 0 3 I", #"["b"] SELECT 1 I"#, #"["b"] SELECT 1 I"#, #"["2"] SELECT 1 I"#,
                #"["3"] SELECT 1 I"#, "SELECT 0 I", "SELECT 0 I", "E42P10 I", "E2201W I",
                "E42803 I", "E42804 I", "E42P01 I", "E42883 I", "INSERT 0 1 I", "E21000 I",
                "E23502 I",
            ])
    }

    @Test func `a changed setting is told before the client's turn`() throws {
        #expect(
            try answers([
                "SET application_name TO 'me'", "SHOW application_name",
                "SET extra_float_digits = 3",
                "DISCARD ALL", "SET nope = 1", "SET server_version = '9'",
                "SET client_encoding TO 'latin1'", "SET TIME ZONE 'UTC'", "SHOW nope",
                "SHOW transaction_read_only", "SET default_transaction_read_only = on",
                "DELETE FROM kv",
            ]) == [
                "SET application_name=me I", #"["me"] SHOW I"#, "SET I",
                "DISCARD ALL application_name= I", "E42704 I", "E55P02 I", "E22023 I", "SET I",
                "E42704 I", #"["off"] SHOW I"#, "SET default_transaction_read_only=on I",
                "E25006 I",
            ])
    }
}
