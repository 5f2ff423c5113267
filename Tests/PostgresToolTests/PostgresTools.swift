import Foundation
import TestSupport
import Testing

/// PostgreSQL 15's own client programs, which nobody here wrote: the judges.
enum PostgresTools {
    /// What a program printed, and how it ended.
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String

        var lines: [Substring] { output.split(separator: "\n") }
    }

    static let folders = [
        "/usr/lib/postgresql/15/bin", "/usr/pgsql-15/bin", "/opt/homebrew/opt/postgresql@15/bin",
    ]

    static func path(of program: String) -> String? {
        folders.map { $0 + "/" + program }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }

    /// Skipped where the programs are absent, unless they are required: then the test runs, and
    /// says that they are missing by failing.
    static var areWanted: Bool {
        path(of: "pg_waldump") != nil
            || ProcessInfo.processInfo.environment["SHIPLOG_REQUIRE_POSTGRES"] == "1"
    }

    static func run(_ program: String, _ arguments: [String]) throws -> Outcome {
        let found = path(of: program)
        let path = try #require(found, "\(program) of PostgreSQL 15 is not installed")
        return try run(path: path, arguments)
    }

    static func run(path: String, _ arguments: [String]) throws -> Outcome {
        let process = Process()
        // One that waits for what will never come fails, and does not keep the others waiting.
        process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
        process.arguments = ["60", path] + arguments
        process.environment = ["LC_ALL": "C", "PATH": "/usr/bin:/bin", "PGCONNECT_TIMEOUT": "20"]
        process.standardInput = FileHandle.nullDevice
        // Files, not pipes: a full pipe would wait for a reader that waits for the end.
        let files = try (0..<2).map { _ in try TemporaryFile() }
        process.standardOutput = files[0].handle
        process.standardError = files[1].handle
        try process.run()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, output: try files[0].text(),
            errors: try files[1].text())
    }
}

private final class TemporaryFile {
    let folder: TemporaryFolder
    let handle: FileHandle

    init() throws {
        folder = try TemporaryFolder()
        let path = folder.path + "/out"
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        handle = try #require(FileHandle(forWritingAtPath: path))
    }

    func text() throws -> String {
        try handle.close()
        return try String(contentsOfFile: folder.path + "/out", encoding: .utf8)
    }
}
