import Cluster
import DatabaseNode
import Foundation
import TestSupport
import Testing
import WALFormat

/// PostgreSQL's programs, at a node whose log goes on in recycled segments with old log behind its
/// end.
@Suite(.enabled(if: PostgresTools.areWanted, "PostgreSQL 15's programs are not installed"))
struct RecyclingProgramTests {
    private let lab: Lab
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        lab = try Lab(LabOptions(directory: folder.path + "/lab"))
        let value = String(repeating: "v", count: 7_000)
        for _ in 0..<3 {
            for number in 0..<250 { _ = try lab.write("k\(number % 9)", value, on: "p") }
            _ = try lab.vacuum("p")
            _ = try lab.checkpoint("p")
            _ = try lab.checkpoint("r1")
        }
        _ = try lab.write("last", "1", on: "p")
    }

    private func folder(of node: String) -> String { "\(folder.path)/lab/\(node)/pg_wal" }

    private func segments(of node: String) throws -> [SegmentName] {
        try FileManager.default.contentsOfDirectory(atPath: folder(of: node)).sorted()
            .compactMap { SegmentName(fileName: $0, size: .oneMebibyte) }
    }

    private func bytes(_ name: String, of node: String) -> Data {
        FileManager.default.contents(atPath: "\(folder(of: node))/\(name)") ?? Data()
    }

    /// The segment of the log's end, and those ahead of it.
    private func split(_ node: String) throws -> (current: SegmentName, ahead: [SegmentName]) {
        let end = try #require(lab.snapshot()[node]?.positions).flush
        let number = SegmentSize.oneMebibyte.number(containing: end)
        let segments = try segments(of: node)
        return (
            try #require(segments.first { $0.number == number }),
            segments.filter { $0.number > number }
        )
    }

    @Test(arguments: ["p", "r1"])
    func `pg_waldump finds the log's end, and no log ahead of it`(node: String) throws {
        defer { lab.close() }
        let end = try #require(lab.snapshot()[node]?.positions).flush
        let (current, ahead) = try split(node)
        #expect(!ahead.isEmpty)
        let offset = SegmentSize.oneMebibyte.offset(of: end)
        let rest = bytes(current.fileName(.oneMebibyte), of: node).dropFirst(offset)
        #expect(rest.contains { $0 != 0 }, "there is nothing old behind the end")
        let dump = try PostgresTools.run(
            "pg_waldump",
            [
                "--path", folder(of: node), "--timeline", "1",
                "\(current.fileName(.oneMebibyte))",
            ])
        #expect(dump.status == 1)
        let last = try #require(try lab.records(of: node).last)
        #expect(last.end == end)
        let position = "\(folder(of: node))"
        #expect(dump.lines.last?.contains("COMMIT") == true, "\(position)")
        #expect(dump.errors.contains("invalid record length"), "\(dump.errors)")
        for name in ahead {
            let dump = try PostgresTools.run(
                "pg_waldump", ["--path", folder(of: node), name.fileName(.oneMebibyte)])
            #expect(dump.lines.isEmpty, "\(dump.output.prefix(300))")
            #expect(dump.status == 1)
        }
    }

    @Test(arguments: ["p", "r1"])
    func `pg_receivewal writes the log and nothing behind it`(node: String) throws {
        defer { lab.close() }
        let end = try #require(lab.snapshot()[node]?.positions).flush
        let target = try TemporaryFolder()
        let outcome = try PostgresTools.run(
            "pg_receivewal",
            [
                "-h", "127.0.0.1", "-p", try lab.portText(of: node), "-U", "me", "-D", target.path,
                "--no-loop", "--endpos", "\(LSN(end.rawValue - 1))",
            ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let offset = SegmentSize.oneMebibyte.offset(of: end)
        let files = try FileManager.default.contentsOfDirectory(atPath: target.path)
        let partial = try #require(files.first { $0.hasSuffix(".partial") })
        let received = try #require(
            FileManager.default.contents(atPath: "\(target.path)/\(partial)"))
        let own = bytes(String(partial.dropLast(8)), of: node)
        #expect(received.prefix(offset) == own.prefix(offset))
        #expect(received.dropFirst(offset).allSatisfy { $0 == 0 })
        #expect(own.dropFirst(offset).contains { $0 != 0 })
    }

    @Test(arguments: ["p", "r1"], ["fetch", "stream"])
    func `pg_basebackup takes the segments it needs, and none that lies ahead`(
        node: String, wal: String
    ) throws {
        defer { lab.close() }
        let copy = folder.path + "/copy"
        let outcome = try PostgresTools.run(
            "pg_basebackup",
            [
                "-h", "127.0.0.1", "-p", try lab.portText(of: node), "-U", "me", "--no-sync", "-D",
                copy, "-X", wal, "--no-slot",
            ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let verified = try PostgresTools.run("pg_verifybackup", [copy])
        #expect(verified.status == 0, "\(verified.errors)")
        let (_, ahead) = try split(node)
        let copied = try FileManager.default.contentsOfDirectory(atPath: copy + "/pg_wal")
        for name in ahead { #expect(!copied.contains(name.fileName(.oneMebibyte))) }
    }
}

/// The same with a PostgreSQL that follows the lab.
@Suite(.serialized, .enabled(if: PostgresTools.areWanted, "PostgreSQL 15 is not installed"))
struct RecyclingStandbyTests {
    @Test func `a real standby follows a log in recycled segments, and over a promotion`() throws {
        let folder = try TemporaryFolder()
        // The server runs as somebody else where this process is root.
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o711], ofItemAtPath: folder.path)
        let lab = try Lab(
            LabOptions(replicas: 1, directory: folder.path + "/lab", isFromPostgres: true))
        defer { lab.close() }
        _ = try lab.attach()
        let value = String(repeating: "v", count: 7_000)
        var node = "p"
        for round in 0..<6 {
            for number in 0..<250 {
                _ = try lab.write("k\(round) \(number % 9)", value, on: node)
            }
            _ = try lab.vacuum(node)
            _ = try lab.checkpoint(node)
            if round < 3 { _ = try lab.checkpoint("r1") }
            if round == 2 {
                _ = try lab.crash("p", deliversWire: false)
                _ = try lab.promote("r1")
                node = "r1"
            }
            let own = try #require(lab.snapshot()[node]?.positions)
            let theirs = try #require(lab.snapshot()["pg"]?.positions)
            #expect(theirs.replay == own.flush && theirs.commits == own.commits)
        }
        let outcome = try PostgresTools.run(
            "psql",
            [
                "-h", "127.0.0.1", "-p", try lab.portText(of: "pg"), "-U", "postgres", "-At", "-c",
                "select count(*) from kv", "postgres",
            ])
        #expect(outcome.output == "54\n", "\(outcome.errors)")
    }
}
