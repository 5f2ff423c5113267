import Cluster
import TestSupport
import Testing

/// What outside programs were told is in the ledger, under their names.
@Suite(.enabled(if: PostgresTools.areWanted, "PostgreSQL 15's programs are not installed"))
struct OutsideLedgerTests {
    private let lab: Lab
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        lab = try Lab(LabOptions(directory: folder.path + "/lab"))
    }

    private func psql(_ query: String) throws -> PostgresTools.Outcome {
        let port = try lab.portText(of: "p")
        return try PostgresTools.run(
            "psql", ["-XAt", "-h", "127.0.0.1", "-p", port, "-U", "me", "-c", query, "x"])
    }

    private func promote() throws -> LossReport {
        _ = try lab.crash("p", deliversWire: false)
        return try lab.promote("r1").loss
    }

    @Test func `what psql was told and nobody received is lost, beside the lab's own`() throws {
        defer { lab.close() }
        for replica in ["r1", "r2"] { try lab.setDelay(.milliseconds(800), of: replica) }
        for key in ["a", "b", "c"] { _ = try psql("INSERT INTO kv VALUES ('\(key)', '1')") }
        _ = try lab.write("d", "2", on: "p")
        let loss = try promote()
        #expect(loss.acknowledgedCount == 4 && !loss.hasSharedCommits)
        #expect(loss.lost.map(\.key) == ["a", "b", "c", "d"])
        #expect(loss.lost.map(\.client) == ["psql", "psql", "psql", nil])
        #expect(loss.lost.allSatisfy { $0.reached == .send(towards: ["r1", "r2"]) })
        #expect(loss.lost.allSatisfy { $0.disks == ["p"] })
    }

    @Test func `a transaction's rows are of one commit, each as it was in the end`() throws {
        defer { lab.close() }
        _ = try psql("INSERT INTO kv VALUES ('gone', '1')")
        #expect(lab.wait(.zero), "the replicas have it before their links are slow")
        for replica in ["r1", "r2"] { try lab.setDelay(.milliseconds(800), of: replica) }
        #expect(lab.wait(.milliseconds(1)))
        _ = try psql(
            """
            BEGIN; INSERT INTO kv VALUES ('a', '1'), ('b', '1'); UPDATE kv SET value = '2' \
            WHERE key = 'a'; DELETE FROM kv WHERE key = 'gone'; COMMIT
            """)
        _ = try psql("BEGIN; INSERT INTO kv VALUES ('no', '1'); ROLLBACK")
        _ = try psql("SELECT count(*) FROM kv")
        let loss = try promote()
        #expect(loss.acknowledgedCount == 4 && loss.hasSharedCommits)
        #expect(loss.lost.map(\.key) == ["b", "a", "gone"])
        #expect(loss.lost.map(\.value) == ["1", "2", nil])
        #expect(Set(loss.lost.map(\.lsn)).count == 1)
    }

    @Test func `what psql was told and a replica has is not lost`() throws {
        defer { lab.close() }
        _ = try psql("INSERT INTO kv VALUES ('a', '1')")
        #expect(lab.wait(.zero))
        let loss = try promote()
        #expect(loss.acknowledgedCount == 1 && loss.lost.isEmpty)
    }
}
