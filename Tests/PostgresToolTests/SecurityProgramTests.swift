import Cluster
import DatabaseNode
import Foundation
import TestSupport
import Testing
import WALFormat

/// PostgreSQL's client programs show who they are with SCRAM-SHA-256, and encrypt with TLS, as with
/// any server. Needs the trait `Security`.
@Suite(
    .enabled(
        if: Lab.hasSecurity && PostgresTools.areWanted,
        "no trait Security, or PostgreSQL 15's programs are not installed"))
struct SecurityProgramTests {
    private let folder: TemporaryFolder
    private let lab: Lab

    init() throws {
        folder = try TemporaryFolder()
        let files = try Self.certificate(in: folder, "server")
        lab = try Lab(LabOptions(directory: folder.path + "/lab", tls: files))
        try lab.setPassword(try #require(Password("open sesame")))
        try lab.setAuthentication(.scram)
    }

    /// A certificate for 127.0.0.1 that nobody has signed but itself.
    private static func certificate(
        in folder: TemporaryFolder, _ name: String
    ) throws -> LabOptions.TLSFiles {
        let path = "\(folder.path)/\(name)"
        let made = try PostgresTools.run(
            path: "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-nodes", "-days", "2", "-subj", "/CN=shiplog", "-addext",
                "subjectAltName=IP:127.0.0.1", "-out", path + ".crt", "-keyout", path + ".key",
            ])
        try #require(made.status == 0, "\(made.errors)")
        return LabOptions.TLSFiles(certificate: path + ".crt", key: path + ".key")
    }

    private func string(_ node: String = "p", _ words: String...) throws -> String {
        let port = try lab.portText(of: node)
        return (["host=127.0.0.1 port=\(port) user=me dbname=x"] + words).joined(separator: " ")
    }

    private func psql(_ connection: String, _ query: String) throws -> PostgresTools.Outcome {
        try PostgresTools.run("psql", ["-XAtw", "-c", query, connection])
    }

    private let known = "password='open sesame'"

    @Test func `psql with the password is let in, with another or none it is not`() throws {
        defer { lab.close() }
        _ = try lab.write("a", "1", on: "p")
        for node in ["p", "r1"] {
            for mode in ["sslmode=disable", "sslmode=require"] {
                let good = try psql(try string(node, known, mode), "SELECT value FROM kv")
                #expect(good.output == "1\n")
                let bad = try psql(try string(node, "password=open", mode), "SELECT 1")
                #expect(bad.status == 2)
                #expect(bad.errors.contains("password authentication failed for user \"me\""))
                let none = try psql(try string(node, mode), "SELECT 1")
                #expect(none.status == 2)
                #expect(none.errors.contains("no password supplied"))
            }
        }
    }

    @Test func `pg_isready needs no password to see that a node is up`() throws {
        defer { lab.close() }
        let connection = try string()
        #expect(try PostgresTools.run("pg_isready", ["-d", connection]).status == 0)
        _ = try lab.stop("p")
        #expect(try PostgresTools.run("pg_isready", ["-d", connection]).status == 2)
    }

    @Test func `psql encrypts with TLS 1_3 or 1_2, and with nothing older`() throws {
        defer { lab.close() }
        func encrypted(_ words: String) throws -> PostgresTools.Outcome {
            try psql(try string("p", known, "sslmode=require", words), "\\conninfo")
        }
        #expect(try encrypted("").output.contains("SSL connection (protocol: TLSv1.3, "))
        let newest = "ssl_max_protocol_version="
        #expect(try encrypted(newest + "TLSv1.2").output.contains("(protocol: TLSv1.2, "))
        let old = try encrypted("ssl_min_protocol_version=TLSv1 \(newest)TLSv1.1")
        #expect(old.status == 2)
        #expect(try encrypted("channel_binding=require").status == 2)
    }

    @Test func `psql checks the certificate and the host it is for`() throws {
        defer { lab.close() }
        let strict = "sslmode=verify-full sslrootcert="
        let root = "\(folder.path)/server.crt"
        let checked = try psql(try string("p", known, strict + root), "SELECT 1")
        #expect(checked.output == "1\n")
        let port = try lab.portText(of: "p")
        let misnamed = try psql(
            "host=localhost port=\(port) user=me \(known) \(strict)\(root)", "SELECT 1")
        #expect(misnamed.status == 2)
        #expect(misnamed.errors.contains("does not match host name \"localhost\""))
        let other = try Self.certificate(in: folder, "other").certificate
        let unknown = try psql(try string("p", known, strict + other), "SELECT 1")
        #expect(unknown.status == 2)
        #expect(unknown.errors.contains("certificate verify failed"))
    }

    @Test func `a large answer comes through TLS whole`() throws {
        defer { lab.close() }
        let value = String(repeating: "x", count: 7_000)
        for number in 0..<300 { _ = try lab.write("k\(number)", value, on: "p") }
        let connection = try string("p", known, "sslmode=require")
        let all = try psql(connection, "SELECT value FROM kv; SELECT value FROM kv")
        #expect(all.lines.count == 600)
        #expect(all.lines.allSatisfy { $0 == value })
    }

    @Test func `libpq finds the primary by itself`() throws {
        defer { lab.close() }
        let ports = try ["r2", "r1", "p"].map(lab.portText).joined(separator: ",")
        let found = try psql(
            "host=127.0.0.1,127.0.0.1,127.0.0.1 port=\(ports) user=me dbname=x \(known) "
                + "sslmode=require target_session_attrs=read-write", "SELECT pg_is_in_recovery()")
        #expect(found.output == "f\n")
    }

    @Test func `pg_receivewal and pg_basebackup copy through TLS`() throws {
        defer { lab.close() }
        _ = try lab.load(500, prefix: "k", on: "p") { _ in .zero }
        let connection = try string("p", known, "sslmode=require")
        let end = try #require(lab.snapshot()["p"]?.positions).flush
        let target = try TemporaryFolder()
        let received = try PostgresTools.run(
            "pg_receivewal",
            [
                "-d", connection, "-D", target.path, "--no-loop", "--endpos",
                "\(LSN(end.rawValue - 1))",
            ])
        #expect(received.status == 0, "\(received.errors)")
        let name = "000000010000000000000001"
        let shipped = FileManager.default.contents(atPath: "\(target.path)/\(name).partial")
        let own = FileManager.default.contents(atPath: "\(folder.path)/lab/p/pg_wal/\(name)")
        let byteCount = Int(end.rawValue % (1 << 20))
        #expect(try #require(shipped).prefix(byteCount) == #require(own).prefix(byteCount))
        let copy = folder.path + "/copy"
        let backup = try PostgresTools.run("pg_basebackup", ["-d", connection, "-D", copy])
        #expect(backup.status == 0, "\(backup.errors)")
        #expect(try PostgresTools.run("pg_verifybackup", [copy]).status == 0)
    }

    @Test(.enabled(if: Psycopg.python != nil, "SHIPLOG_PSYCOPG_PYTHON names no interpreter"))
    func `psycopg logs in and encrypts`() throws {
        defer { lab.close() }
        let script = """
            import sys, psycopg
            with psycopg.connect(sys.argv[1]) as c:
                c.execute("INSERT INTO kv VALUES (%s, %s)", ("a", 1))
                print(c.execute("SELECT * FROM kv").fetchall())
                print(bool(c.pgconn.ssl_in_use), c.pgconn.used_password)
            """
        let program = try #require(Psycopg.python)
        let connection = try string("p", known, "sslmode=require")
        let outcome = try PostgresTools.run(path: program, ["-c", script, connection])
        #expect(outcome.errors == "")
        #expect(outcome.lines == ["[('a', '1')]", "True True"])
        #expect(try lab.read("a", on: "p").value == "1")
    }
}
