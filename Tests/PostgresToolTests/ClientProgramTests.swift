import Cluster
import DatabaseNode
import Foundation
import TestSupport
import Testing
import WALFormat

/// PostgreSQL's client programs talk to a node as to any server.
@Suite(.enabled(if: PostgresTools.areWanted, "PostgreSQL 15's programs are not installed"))
struct ClientProgramTests {
    private let lab: Lab
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        lab = try Lab(LabOptions(directory: folder.path + "/lab"))
    }

    private func port(_ node: String) throws -> String { try lab.portText(of: node) }

    private func psql(_ node: String, _ query: String) throws -> PostgresTools.Outcome {
        try PostgresTools.run(
            "psql", ["-XAt", "-h", "127.0.0.1", "-p", try port(node), "-U", "me", "-c", query, "x"])
    }

    @Test func `psql reads and writes, and a replica refuses a write`() throws {
        defer { lab.close() }
        _ = try lab.write("pay:1", "100", on: "p")
        #expect(try psql("p", "SELECT value FROM kv WHERE key = 'pay:1'").output == "100\n")
        #expect(try psql("p", "INSERT INTO kv VALUES ('pay:2', '7')").output == "INSERT 0 1\n")
        #expect(lab.wait(.zero))
        #expect(try psql("r1", "SELECT count(*) FROM kv").output == "2\n")
        #expect(try psql("r1", "SELECT pg_is_in_recovery()").output == "t\n")
        let refused = try psql("r1", "DELETE FROM kv")
        #expect(refused.status == 1)
        #expect(
            refused.errors == "ERROR:  cannot execute DELETE in a read-only transaction\n")
    }

    @Test func `psql's rollback leaves nothing behind on any node`() throws {
        defer { lab.close() }
        _ = try psql("p", "BEGIN; INSERT INTO kv VALUES ('a', '1'); ROLLBACK")
        #expect(lab.wait(.zero))
        for node in lab.nodeNames { #expect(try lab.read("a", on: node).value == nil) }
    }

    @Test func `libpq finds the primary by itself, before and after a failover`() throws {
        defer { lab.close() }
        func writable() throws -> String {
            let ports = try ["r2", "r1"].map(port).joined(separator: ",")
            return try PostgresTools.run(
                "psql",
                [
                    "-XAt", "-c", "SELECT pg_is_in_recovery()",
                    "host=127.0.0.1,127.0.0.1 port=\(ports) user=me dbname=x "
                        + "target_session_attrs=read-write",
                ]
            ).output
        }
        #expect(try writable() == "")
        _ = try lab.crash("p", deliversWire: false)
        _ = try lab.promote("r1")
        #expect(try writable() == "f\n")
    }

    @Test func `pg_isready sees a node that is up and misses one that is down`() throws {
        defer { lab.close() }
        let port = try port("r1")
        let arguments = ["-h", "127.0.0.1", "-p", port]
        #expect(try PostgresTools.run("pg_isready", arguments).status == 0)
        _ = try lab.crash("r1", deliversWire: false)
        #expect(try PostgresTools.run("pg_isready", arguments).status == 2)
    }

    @Test(arguments: ["p", "r1"])
    func `what pg_receivewal writes is byte for byte the node's log`(node: String) throws {
        defer { lab.close() }
        _ = try lab.load(6_000, prefix: "k", on: "p") { _ in .zero }
        let end = try #require(lab.snapshot()[node]?.positions).flush
        // It stops behind the position it is given, not at it.
        let stop = LSN(end.rawValue - 1)
        let target = try TemporaryFolder()
        let first = try PostgresTools.run(
            "pg_receivewal",
            [
                "-h", "127.0.0.1", "-p", try port(node), "-U", "me", "-D", target.path, "--no-loop",
                "--endpos", "\(stop)",
            ])
        #expect(first.status == 0, "\(first.errors)")
        let files = try FileManager.default.contentsOfDirectory(atPath: target.path)
        #expect(!files.isEmpty)
        for name in files {
            let received = FileManager.default.contents(atPath: "\(target.path)/\(name)")
            let original = name.replacingOccurrences(of: ".partial", with: "")
            let own = FileManager.default.contents(
                atPath: "\(folder.path)/lab/\(node)/pg_wal/\(original)")
            #expect(received == own, "\(name)")
        }
    }
}
