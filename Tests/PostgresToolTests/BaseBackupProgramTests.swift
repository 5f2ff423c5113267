import Cluster
import DatabaseNode
import Foundation
import LabClock
import Replication
import Storage
import Synchronization
import TestSupport
import Testing
import WALFormat

/// `pg_basebackup` copies a node that takes writes, and `pg_verifybackup` finds nothing to say
/// against the copy: sizes, checksums, and the WAL that it needs.
@Suite(.enabled(if: PostgresTools.areWanted, "PostgreSQL 15's programs are not installed"))
struct BaseBackupProgramTests {
    private let lab: Lab
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        lab = try Lab(LabOptions(directory: folder.path + "/lab"))
    }

    private func arguments(_ node: String, _ rest: [String]) throws -> [String] {
        let port = try lab.portText(of: node)
        return ["-h", "127.0.0.1", "-p", port, "-U", "me", "--no-sync", "-D", copy] + rest
    }

    private var copy: String { folder.path + "/copy" }

    /// Runs the program while the lab goes on with something else.
    private func backUp(
        _ node: String, _ rest: [String], meanwhile: () throws -> Void = {}
    ) throws -> PostgresTools.Outcome {
        let arguments = try arguments(node, rest)
        let outcome = Mutex<Result<PostgresTools.Outcome, any Error>?>(nil)
        let thread = Thread {
            let result = Result { try PostgresTools.run("pg_basebackup", arguments) }
            outcome.withLock { $0 = result }
        }
        thread.start()
        while true {
            if let result = outcome.withLock({ $0 }) { return try result.get() }
            try meanwhile()
        }
    }

    private func verify(_ path: String, _ arguments: [String] = []) throws {
        let outcome = try PostgresTools.run("pg_verifybackup", arguments + [path])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output == "backup successfully verified\n")
        #expect(outcome.errors.isEmpty)
    }

    @Test(arguments: ["p", "r1"], ["fetch", "stream", "none"])
    func `a node is copied while it takes writes`(node: String, wal: String) throws {
        defer { lab.close() }
        _ = try lab.load(3_000, prefix: "k", on: "p") { _ in .zero }
        var count = 0
        let outcome = try backUp(node, ["-X", wal, "-P"] + (wal == "stream" ? ["--no-slot"] : [])) {
            count += 1
            _ = try lab.load(20, prefix: "k\(count)", on: "p") { _ in .zero }
        }
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(count > 0)
        try verify(copy, wal == "none" ? ["-n"] : [])
    }

    @Test(arguments: ["NONE", "CRC32C", "SHA224", "SHA256", "SHA384", "SHA512"])
    func `with every checksum that can be asked for`(algorithm: String) throws {
        defer { lab.close() }
        _ = try lab.load(200, prefix: "k", on: "p") { _ in .zero }
        let outcome = try backUp("p", ["-X", "fetch", "--manifest-checksums=\(algorithm)"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.isEmpty)
        try verify(copy)
        let manifest = try String(contentsOfFile: copy + "/backup_manifest", encoding: .utf8)
        #expect(manifest.contains("\"\(algorithm)\"") == (algorithm != "NONE"))
    }

    @Test func `as a tar file that tar unpacks`() throws {
        defer { lab.close() }
        _ = try lab.load(200, prefix: "k", on: "p") { _ in .zero }
        let outcome = try backUp("p", ["-X", "fetch", "-F", "t"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let unpacked = folder.path + "/unpacked"
        try FileManager.default.createDirectory(atPath: unpacked, withIntermediateDirectories: true)
        let tar = try PostgresTools.run(
            path: "/usr/bin/tar", ["-C", unpacked, "-xf", copy + "/base.tar"])
        #expect(tar.status == 0, "\(tar.errors)")
        try FileManager.default.copyItem(
            atPath: copy + "/backup_manifest", toPath: unpacked + "/backup_manifest")
        try verify(unpacked)
    }

    @Test func `a limited rate takes lab time`() throws {
        defer { lab.close() }
        let began = lab.now
        let outcome = try backUp("p", ["-X", "fetch", "-r", "512"]) {
            #expect(lab.wait(.milliseconds(125)))
        }
        #expect(outcome.status == 0, "\(outcome.errors)")
        // A segment of WAL alone is 1 MiB.
        #expect(lab.now.since(began) >= .seconds(2))
        try verify(copy)
    }

    @Test func `a node starts from what pg_basebackup made`() throws {
        _ = try lab.load(500, prefix: "k", on: "p") { _ in .zero }
        let outcome = try backUp("p", ["-X", "fetch", "-R"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        lab.close()
        let directory = folder.path + "/lab"
        try FileManager.default.removeItem(atPath: directory + "/r1")
        try FileManager.default.moveItem(atPath: copy, toPath: directory + "/r1")
        let again = try Lab(LabOptions(directory: directory))
        defer { again.close() }
        #expect(again.snapshot()["r1"]?.reception == .streaming)
        #expect(try again.read("k:500", on: "r1").value == "500")
        #expect(try again.diff("p", "r1").outcome == .identical)
    }

    @Test func `what the lab's own backup made is a backup`() throws {
        defer { lab.close() }
        _ = try lab.load(500, prefix: "k", on: "p") { _ in .zero }
        let report = try lab.baseBackup(of: "r1")
        let node = folder.path + "/lab/r1"
        let dump = try PostgresTools.run(
            "pg_waldump",
            [
                "--path", node + "/pg_wal", "--timeline", "1", "--start",
                "\(report.summary.redo)", "--end", "\(report.summary.end)",
            ])
        #expect(dump.status == 0, "\(dump.errors)")
        #expect(dump.output.contains("desc: BACKUP_END \(report.summary.redo)\n"))
        // The label has done its work, and a node has files of its own.
        try verify(
            node,
            [
                "--ignore=backup_label", "--ignore=backup_label.old", "--ignore=shiplog.lock",
                "--ignore=global/shiplog_control",
            ])
    }
}
