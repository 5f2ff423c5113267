import Foundation
import Testing

/// A lab of one node in a directory that outlives its process, and what its clients were told.
final class KeptLab {
    static let commits = 50

    let home: Home
    /// The lab's directory; the home's own unless the test puts it elsewhere.
    let path: String

    init() throws {
        home = try Home()
        path = home.path + "/lab"
    }

    /// The arguments that open it.
    var arguments: [String] { ["--replicas", "0", "--dir", path] }

    /// Makes the lab, and stops it cleanly.
    func make() throws {
        let run = try PipedRun([Child.path] + arguments + ["-c", "status"], in: home)
        #expect(try run.finish().status == 0)
    }

    /// Writes 50 keys, one commit each, under strace with a fault injected.
    func writeAll(
        _ injection: String, keepsGoing: Bool = false
    ) throws -> (acknowledged: [String], result: PipedRun.Result) {
        let sets = (1...Self.commits).map { "set k\($0) v\($0)\n" }.joined()
        let script = try home.file("sets", sets)
        let result = try shell(
            "exec strace -f -qq -o /dev/null -e trace=fdatasync,pwrite64 -e inject=\(injection) "
                + "$shiplog \(arguments.joined(separator: " ")) --json "
                + (keepsGoing ? "--keep-going " : "") + "-f \(script)", in: home)
        return (try Self.acknowledged(result.output), result)
    }

    /// The keys whose OK was printed; a line that was cut off is none.
    static func acknowledged(_ output: String) throws -> [String] {
        try output.split(separator: "\n").filter { $0.hasSuffix("}") }.compactMap { line in
            try Told(String(line)).acknowledged
        }
    }

    /// Opens the lab again and holds it against what was told.
    func check(_ acknowledged: [String], _ what: String) throws {
        let gets = acknowledged.map { "get \($0)\n" }.joined()
        let run = try PipedRun([Child.path, "--dir", path, "-f", "-"], in: home)
        run.type(gets + "status\n")
        let result = try run.finish()
        #expect(result.status == 0, "\(what): \(result.errors)")
        let values = result.lines.prefix(acknowledged.count)
        #expect(values.elementsEqual(acknowledged.map { "v" + $0.dropFirst() }), "\(what)")
    }
}

/// A line of `--json` output.
struct Told {
    /// The key, if it is the OK of a write.
    let acknowledged: String?
    /// What is wrong, if it is an error.
    let error: String?

    init(_ line: String) throws {
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
        let members = try #require(object as? [String: Any])
        acknowledged = members["acked_at"] == nil ? nil : members["key"] as? String
        error = (members["error"] as? [String: Any])?["message"] as? String
    }

    /// Whether a write was refused because the disk is full.
    var isRefusal: Bool { error?.contains("disk full (server error 53100)") ?? false }
    /// Whether nobody knows what became of the write.
    var isUnknown: Bool { error?.contains("nobody knows if the write counts") ?? false }
}

/// The tool that injects faults into system calls.
enum Strace {
    static var isWanted: Bool {
        FileManager.default.isExecutableFile(atPath: "/usr/bin/strace")
            || ProcessInfo.processInfo.environment["SHIPLOG_REQUIRE_POSTGRES"] == "1"
    }
}
