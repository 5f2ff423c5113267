import Cluster
import DatabaseNode
import Foundation
import LabClock
import TestSupport
import Testing
import WALFormat

/// What PostgreSQL's own programs accepted of an imitation of a server, they accept of the lab.
@Suite(.enabled(if: PostgresTools.areWanted, "PostgreSQL 15's programs are not installed"))
struct JudgeTests {
    private let lab: Lab
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        lab = try Lab(LabOptions(replicas: 1, directory: folder.path + "/lab"))
    }

    private func run(
        _ program: String, _ node: String, _ arguments: [String]
    ) throws -> PostgresTools.Outcome {
        let port = try lab.portText(of: node)
        return try PostgresTools.run(
            program, ["-h", "127.0.0.1", "-p", port, "-U", "me"] + arguments)
    }

    private func flush(_ node: String) throws -> LSN {
        try #require(lab.snapshot()[node]?.positions).flush
    }

    /// Behind the last record: `-E` stops behind the position it is given, not at it.
    private func stop(_ node: String) throws -> String {
        "\(LSN(try flush(node).rawValue - 1))"
    }

    private func files(_ path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }

    /// Every segment there is as `pg_waldump` wants it; the last one is being written.
    private func dumpAll(_ path: String) throws {
        for name in try files(path) where SegmentName(fileName: name, size: .oneMebibyte) != nil {
            let dump = try PostgresTools.run("pg_waldump", ["-q", "\(path)/\(name)"])
            // A record that goes on in the next file is no error of this one.
            let isCut = dump.errors.contains("could not find file") || dump.errors.isEmpty
            #expect(isCut, "\(name): \(dump.errors)")
        }
    }

    @Test(arguments: [["--synchronous"], [], ["-Z", "gzip"]])
    func `pg_receivewal receives in every manner it has`(manner: [String]) throws {
        defer { lab.close() }
        try lab.createSlot("s", on: "p")
        _ = try lab.load(400, prefix: "k", byteCount: 4_000, on: "p") { _ in .zero }
        let target = folder.path + "/target"
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        let outcome = try run(
            "pg_receivewal", "p",
            ["-D", target, "--slot", "s", "--no-loop", "-E", try stop("p")] + manner)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let received = try files(target)
        #expect(received.contains { $0.hasSuffix(".partial") || $0.hasSuffix(".gz.partial") })
        if manner.contains("gzip") {
            for name in received where name.hasSuffix(".gz") {
                #expect(
                    try PostgresTools.run(path: "/bin/gzip", ["-d", "\(target)/\(name)"]).status
                        == 0)
            }
        }
        let own = "\(folder.path)/lab/p/pg_wal"
        var compared = 0
        for name in try files(target) where !name.contains(".") {
            #expect(
                FileManager.default.contentsEqual(
                    atPath: "\(target)/\(name)", andPath: "\(own)/\(name)"), "\(name)")
            compared += 1
        }
        #expect(compared > 0)
        try dumpAll(target)
    }

    private func isWhole(_ path: String) -> Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return attributes?[.size] as? Int == SegmentSize.oneMebibyte.byteCount
    }

    @Test func `pg_receivewal goes on after kill -9, and over a promotion`() throws {
        defer { lab.close() }
        let target = folder.path + "/target"
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        _ = try lab.load(300, prefix: "k", byteCount: 4_000, on: "p") { _ in .zero }
        let receiver = Process()
        let program = PostgresTools.path(of: "pg_receivewal")
        receiver.executableURL = URL(fileURLWithPath: try #require(program))
        receiver.arguments = [
            "-h", "127.0.0.1", "-p", try lab.portText(of: "r1"), "-U", "me", "-D", target,
        ]
        receiver.standardError = FileHandle.nullDevice
        try receiver.run()
        // It fills a new segment's partial file with zeros first, and refuses one that a kill left
        // shorter: so it is to be at the last segment, and done with that.
        let end = try #require(lab.snapshot()["r1"]?.positions).flush
        let size = SegmentSize.oneMebibyte
        let last = SegmentName(timeline: .first, number: size.number(containing: end))
        while !isWhole("\(target)/\(last.fileName(size)).partial") {
            #expect(lab.wait(.zero))
        }
        kill(receiver.processIdentifier, SIGKILL)
        receiver.waitUntilExit()
        _ = try lab.load(300, prefix: "l", byteCount: 4_000, on: "p") { _ in .zero }
        let again = try run(
            "pg_receivewal", "r1", ["-D", target, "--no-loop", "-E", try stop("r1")])
        #expect(again.status == 0, "\(again.errors)")
        try dumpAll(target)
        _ = try lab.crash("p", deliversWire: false)
        _ = try lab.promote("r1")
        _ = try lab.load(300, prefix: "m", byteCount: 4_000, on: "r1") { _ in .zero }
        let after = try run(
            "pg_receivewal", "r1", ["-D", target, "--no-loop", "-E", try stop("r1")])
        #expect(after.status == 0, "\(after.errors)")
        #expect(try files(target).contains("00000002.history"))
        try dumpAll(target)
        let own = "\(folder.path)/lab/r1/pg_wal"
        for name in try files(target) where name.hasPrefix("00000002") && !name.contains(".p") {
            let received = try Data(contentsOf: URL(filePath: "\(target)/\(name)"))
            let kept = try Data(contentsOf: URL(filePath: "\(own)/\(name)"))
            // The node's own history has a checksum behind it, which is not sent.
            let isHistory = name.hasSuffix(".history")
            #expect(isHistory ? kept.starts(with: received) : kept == received, "\(name)")
        }
    }

    @Test(arguments: ["none", "fetch", "stream"], [["-Fp"], ["-Ft"], ["-Ft", "-z"]])
    func `pg_basebackup takes every form it has`(wal: String, form: [String]) throws {
        defer { lab.close() }
        _ = try lab.load(200, prefix: "k", on: "p") { _ in .zero }
        let target = folder.path + "/copy"
        let outcome = try run(
            "pg_basebackup", "p", ["--no-sync", "-D", target, "-X", wal, "-R"] + form)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(lab.retention().first?.slots.isEmpty == true, "the slot was a temporary one")
        guard form == ["-Fp"] else {
            let ending = form.count == 2 ? ".tar.gz" : ".tar"
            #expect(try files(target).contains("base\(ending)"))
            #expect(try files(target).contains("pg_wal\(ending)") == (wal == "stream"))
            return
        }
        #expect(try files(target).contains("standby.signal"))
        let verified = try PostgresTools.run(
            "pg_verifybackup", (wal == "none" ? ["-n"] : []) + [target])
        #expect(verified.status == 0, "\(verified.errors)")
    }

    @Test func `pg_basebackup makes the slot that it is told to make`() throws {
        defer { lab.close() }
        let target = folder.path + "/copy"
        let arguments = ["--no-sync", "-C", "-S", "made", "-R", "-D"]
        let first = try run("pg_basebackup", "p", arguments + [target])
        #expect(first.status == 0, "\(first.errors)")
        #expect(lab.retention().first?.slots.map(\.name) == ["made"])
        let again = try run("pg_basebackup", "p", arguments + [target + "2"])
        #expect(again.status == 1)
        #expect(again.errors.contains("replication slot \"made\" already exists"))
    }

    @Test(arguments: [
        ("primary", "f"), ("standby", "t"), ("read-write", "f"), ("read-only", "t"),
        ("prefer-standby", "t"), ("any", "f"),
    ])
    func `libpq finds the node it is asked for`(wanted: String, isStandby: String) throws {
        defer { lab.close() }
        let ports = try ["p", "r1"].map { try lab.portText(of: $0) }.joined(separator: ",")
        let outcome = try PostgresTools.run(
            "psql",
            [
                "-XAt", "-c", "SELECT pg_is_in_recovery()",
                "host=127.0.0.1,127.0.0.1 port=\(ports) user=me dbname=x "
                    + "target_session_attrs=\(wanted)",
            ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output == isStandby + "\n")
    }
}
