import Cluster
import DatabaseNode
import Foundation
import Storage
import TestSupport
import Testing
import WALFormat

/// A node that `rewind` has made a replica, before PostgreSQL's programs.
@Suite(.enabled(if: PostgresTools.areWanted, "PostgreSQL 15's programs are not installed"))
struct RewoundNodeTests {
    private let lab: Lab
    private let folder: TemporaryFolder

    /// 10,000 divergent rows in 100,000: p has written 10,000 keys anew that r1 never heard of.
    init() throws {
        folder = try TemporaryFolder()
        lab = try Lab(LabOptions(directory: folder.path + "/lab"))
        _ = try lab.load(100_000, prefix: "k", on: "p") { _ in .zero }
        _ = try lab.checkpoint("p")
        for replica in ["r1", "r2"] { try lab.setDelay(.milliseconds(800), of: replica) }
        #expect(lab.wait(.seconds(1)))
        _ = try lab.load(10_000, prefix: "k", on: "p") { _ in .zero }
        _ = try lab.crash("p", deliversWire: false)
        _ = try lab.promote("r1")
        _ = try lab.load(10, prefix: "new", on: "r1") { _ in .zero }
    }

    @Test func `copies the pages it touched, and is a node that the programs take`() throws {
        defer { lab.close() }
        let report = try lab.rewind("p", discards: true)
        #expect(report.discarded.count == 10_000)
        #expect(report.summary.blockCount < report.summary.pageCount / 4)
        #expect(lab.wait(.seconds(2)))
        #expect(try lab.diff("p", "r1").outcome == .identical)

        let port = try lab.portText(of: "p")
        let count = try PostgresTools.run(
            "psql",
            ["-XAt", "-h", "127.0.0.1", "-p", port, "-U", "me", "-c", "SELECT count(*) FROM kv"])
        #expect(count.output == "100010\n", "\(count.errors)")
        let copy = folder.path + "/copy"
        let backup = try PostgresTools.run(
            "pg_basebackup",
            ["-h", "127.0.0.1", "-p", port, "-U", "me", "--no-sync", "-X", "fetch", "-D", copy])
        #expect(backup.status == 0, "\(backup.errors)")
        let verified = try PostgresTools.run("pg_verifybackup", [copy])
        #expect(verified.output == "backup successfully verified\n", "\(verified.errors)")
        let dump = try PostgresTools.run(
            "pg_waldump",
            [
                "--path", "\(folder.path)/lab/p/pg_wal", "--timeline", "2", "--start",
                "\(report.summary.plan.fork)",
            ])
        #expect(dump.lines.last?.contains("COMMIT") == true, "\(dump.errors)")
        #expect(dump.errors.contains("invalid record length"), "\(dump.errors)")
    }
}
