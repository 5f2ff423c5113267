import Cluster
import DatabaseNode
import Foundation
import Glibc
import TestSupport
import Testing
import WALFormat

/// tshark, which knows the protocol from its own reading of it, looks on while programs talk to a
/// node. Only root may look at the wire; elsewhere the test says that it is skipped.
@Suite(
    .enabled(if: PostgresTools.areWanted, "PostgreSQL 15's programs are not installed"),
    .enabled(if: getuid() == 0, "only root may capture what goes over loopback"))
struct WireJudgeTests {
    private static let program = "/usr/bin/tshark"
    private static let isRequired =
        ProcessInfo.processInfo.environment["SHIPLOG_REQUIRE_POSTGRES"] == "1"
    private static let isThere =
        isRequired || FileManager.default.isExecutableFile(atPath: program)

    private let lab: Lab
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        lab = try Lab(LabOptions(replicas: 0))
    }

    private var capture: String { folder.path + "/wire.pcap" }

    /// A program gets the signals blocked that are blocked where it is started, and here they are.
    private static func startInterruptible(_ program: Process) throws {
        var interrupt = sigset_t()
        var before = sigset_t()
        sigemptyset(&interrupt)
        sigaddset(&interrupt, SIGINT)
        pthread_sigmask(SIG_UNBLOCK, &interrupt, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try program.run()
    }

    private func psql(_ port: String, _ query: String) throws {
        let outcome = try PostgresTools.run(
            "psql", ["-XAt", "-h", "127.0.0.1", "-p", port, "-U", "me", "-c", query, "x"])
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    /// Says something until it is seen in the capture: then all that was said before is, too.
    private func sayUntilSeen(_ mark: String, _ port: String) throws {
        for _ in 0..<500 {
            try psql(port, "SELECT '\(mark)'")
            let seen = FileManager.default.contents(atPath: capture) ?? Data()
            if seen.range(of: Data(mark.utf8)) != nil { return }
        }
        Issue.record("\(mark) was never seen on the wire")
    }

    private func read(_ port: String, _ arguments: [String]) throws -> [Substring] {
        let outcome = try PostgresTools.run(
            path: Self.program, ["-r", capture, "-d", "tcp.port==\(port),pgsql"] + arguments)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return outcome.lines
    }

    @Test(.enabled(if: isThere, "tshark is not installed"))
    func `every message has a type and none is malformed`() throws {
        defer { lab.close() }
        _ = try lab.load(200, prefix: "k", on: "p") { _ in .zero }
        let port = try lab.portText(of: "p")
        let watcher = Process()
        watcher.executableURL = URL(fileURLWithPath: Self.program)
        watcher.arguments = ["-q", "-i", "lo", "-f", "tcp port \(port)", "-w", capture]
        watcher.standardOutput = FileHandle.nullDevice
        watcher.standardError = FileHandle.nullDevice
        try Self.startInterruptible(watcher)
        try sayUntilSeen("the first word", port)
        try psql(port, "SELECT * FROM kv LIMIT 3")
        try psql(port, "BEGIN; DELETE FROM kv WHERE key = 'k:1'; COMMIT")
        let end = try #require(lab.snapshot()["p"]?.positions).flush
        let target = folder.path + "/target"
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        let received = try PostgresTools.run(
            "pg_receivewal",
            [
                "-h", "127.0.0.1", "-p", port, "-U", "me", "-D", target, "--no-loop", "-E",
                "\(LSN(end.rawValue - 1))",
            ])
        #expect(received.status == 0, "\(received.errors)")
        try sayUntilSeen("the last word", port)
        watcher.interrupt()
        watcher.waitUntilExit()
        #expect(try read(port, ["-Y", "_ws.malformed"]) == [])
        let types = try read(port, ["-Y", "pgsql", "-T", "fields", "-e", "pgsql.type"])
            .flatMap { $0.split(separator: ",") }
        let expected: Set<Substring> = [
            "Startup message", "Authentication request", "Parameter status", "Simple query",
            "Row description", "Data row", "Command completion", "Ready for query", "Copy data",
            "Termination",
        ]
        #expect(expected.subtracting(types) == [])
        // tshark has no name for CopyBothResponse; there is one.
        #expect(types.count { $0 == "Unknown" } == 1)
    }
}
