import Foundation
import Testing

/// The process dies, or its disk fails, at a system call that strace chooses: whatever was told OK
/// is there when the lab is opened again.
@Suite(.enabled(if: Strace.isWanted, "strace is not installed"))
struct PowerTests {
    private static let commits = 50

    /// The keys whose OK was printed; a line that was cut off is none.
    private static func acknowledged(_ output: String) throws -> [String] {
        try output.split(separator: "\n").filter { $0.hasSuffix("}") }.compactMap { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
            let members = try #require(object as? [String: Any])
            return members["acked_at"] == nil ? nil : members["key"] as? String
        }
    }

    /// Writes 50 keys, one commit each, under strace with a fault injected.
    private func run(
        _ injection: String, in home: Home, keepsGoing: Bool = false
    ) throws -> (acknowledged: [String], result: PipedRun.Result) {
        let sets = (1...Self.commits).map { "set k\($0) v\($0)\n" }.joined()
        let script = try home.file("sets", sets)
        let result = try shell(
            "exec strace -f -qq -o /dev/null -e trace=fdatasync,pwrite64 -e inject=\(injection) "
                + "$shiplog --replicas 0 --dir \(home.path)/lab --json "
                + (keepsGoing ? "--keep-going " : "") + "-f \(script)", in: home)
        return (try Self.acknowledged(result.output), result)
    }

    /// Opens the lab again and holds it against what was told.
    private func check(_ acknowledged: [String], in home: Home, _ what: String) throws {
        let gets = acknowledged.map { "get \($0)\n" }.joined()
        let result = try shiplog(
            "--dir", "\(home.path)/lab", "-f", "-", input: gets + "status\n", in: home)
        #expect(result.status == 0, "\(what): \(result.errors)")
        let values = result.lines.prefix(acknowledged.count)
        #expect(values.elementsEqual(acknowledged.map { "v" + $0.dropFirst() }), "\(what)")
    }

    @Test func `killed at each fdatasync, it has all that it acknowledged`() throws {
        var deaths = 0
        for edge in 1...(Self.commits + 8) {
            let home = try Home()
            let run = try run("fdatasync:signal=KILL:when=\(edge)", in: home)
            if run.result.status != 0 { deaths += 1 }
            try check(run.acknowledged, in: home, "fdatasync \(edge)")
        }
        #expect(deaths >= Self.commits)
    }

    @Test(arguments: [4, 9, 30])
    func `after a failed fdatasync nothing is acknowledged any more`(edge: Int) throws {
        let home = try Home()
        let run = try run("fdatasync:error=EIO:when=\(edge)", in: home, keepsGoing: true)
        #expect(run.result.status == 1)
        let last = try #require(run.acknowledged.last)
        #expect(run.acknowledged.count < Self.commits)
        #expect(last == "k\(run.acknowledged.count)")
        try check(run.acknowledged, in: home, "EIO at \(edge)")
    }
}

/// The tool that injects faults into system calls.
enum Strace {
    static var isWanted: Bool {
        FileManager.default.isExecutableFile(atPath: "/usr/bin/strace")
            || ProcessInfo.processInfo.environment["SHIPLOG_REQUIRE_POSTGRES"] == "1"
    }
}
