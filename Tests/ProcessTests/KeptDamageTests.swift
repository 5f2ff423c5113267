import Foundation
import Glibc
import Testing

/// What a run says of a kept lab whose files are not as it left them.
struct KeptDamageTests {
    private let home: Home
    private var path: String { home.path + "/lab" }

    init() throws {
        home = try Home()
        let run = try PipedRun([Child.path, "--dir", path, "-c", "load 5 as pay"], in: home)
        #expect(try run.finish().status == 0)
    }

    private func open(_ commands: String...) throws -> PipedRun.Result {
        let arguments = ["--dir", path] + commands.flatMap { ["-c", $0] }
        return try PipedRun([Child.path] + arguments, in: home).finish()
    }

    @Test func `a damaged replica is named before anything is asked`() throws {
        try Data().write(to: URL(filePath: path + "/r1/pg_xact/0000"))
        let result = try open("get pay:5", "basebackup r1")
        #expect(result.status == 0)
        #expect(result.errors.contains("r1: cannot be opened: file \"pg_xact\" is damaged"))
        #expect(result.errors.contains("; basebackup r1"))
        #expect(result.lines.first == "5")
        #expect(try open("status").errors == "")
    }

    @Test func `whatever stands in the place of a lab's own files, nobody waits for it`() throws {
        for name in ["shiplog.conf", "shiplog.ledger"] {
            let file = path + "/" + name
            let kept = try Data(contentsOf: URL(filePath: file))
            try FileManager.default.removeItem(atPath: file)
            #expect(mkfifo(file, 0o600) == 0)
            let result = try open("status")
            #expect(result.status == 2)
            #expect(result.errors.contains("\"\(name)\": it is not a regular file"))
            try FileManager.default.removeItem(atPath: file)
            try kept.write(to: URL(filePath: file))
        }
        #expect(try open("get pay:5").lines == ["5"])
    }

    @Test func `a lab whose own file is damaged does not open, and says which it is`() throws {
        for (name, reason) in [
            ("shiplog.conf", "it is not as it was written"),
            ("shiplog.ledger", "line 3 is not as it was written"),
        ] {
            let file = URL(filePath: path + "/" + name)
            let kept = try Data(contentsOf: file)
            var damaged = kept
            let third = kept.indices.filter { kept[$0] == UInt8(ascii: "\n") }[2]
            damaged[third - 1] ^= 1
            try damaged.write(to: file)
            let result = try open("get pay:5")
            #expect(result.status == 2)
            #expect(result.output.isEmpty)
            #expect(result.errors.contains(" cannot be opened: \(name): \(reason)\ntry: shiplog"))
            try kept.write(to: file)
        }
        #expect(try open("get pay:5").lines == ["5"])
    }
}
