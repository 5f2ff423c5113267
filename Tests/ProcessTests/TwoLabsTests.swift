import Foundation
import Testing

/// Labs that begin at once on one directory, and labs that are killed while they begin: what was
/// acknowledged is there afterwards, and no directory is locked out for ever.
struct TwoLabsTests {
    private let home: Home
    private var lab: String { home.path + "/lab" }

    init() throws {
        home = try Home()
    }

    private func value(of key: String) throws -> PipedRun.Result {
        try shiplog("--dir", lab, "-c", "get \(key)", in: home)
    }

    @Test func `of two labs begun at once on a new directory one writes, and one is told`() throws {
        for _ in 0..<5 {
            let runs = try ["a", "b"].map { key in
                try PipedRun([Child.path, "--dir", lab, "-c", "set \(key) 1"], in: home)
            }
            let results = try runs.map { try $0.finish() }
            let written = zip(["a", "b"], results).filter { $0.1.status == 0 }.map(\.0)
            #expect(!written.isEmpty)
            for result in results where result.status != 0 {
                #expect(result.status == 2)
                #expect(result.errors.hasPrefix("error: another lab is open in "))
                #expect(result.errors.split(separator: "\n").count == 2)
            }
            for key in written { #expect(try value(of: key).output == "1\n") }
            try FileManager.default.removeItem(atPath: lab)
        }
    }

    @Test func `a lab that is open keeps a second one out, and is not disturbed`() throws {
        let first = try PipedRun([Child.path, "--dir", lab], in: home)
        first.type("set a 1\n")
        _ = try first.nextLine()
        let second = try value(of: "a")
        #expect(second.status == 2)
        #expect(second.errors.hasPrefix("error: another lab is open in "))
        first.type("set b 2\n")
        #expect(try first.finish().status == 0)
        #expect(try value(of: "a").output == "1\n")
        #expect(try value(of: "b").output == "2\n")
    }

    @Test func `a directory of somebody else's is left as it is`() throws {
        try FileManager.default.createDirectory(
            atPath: lab, withIntermediateDirectories: false)
        _ = try home.file("lab/letter", "Dear all\n")
        #expect(try value(of: "a").status == 2)
        #expect(try FileManager.default.contentsOfDirectory(atPath: lab) == ["letter"])
    }

    /// Each is killed a little later; every one of them finds what the one before has left.
    @Test func `a directory whose labs are all killed while they begin can be opened`() throws {
        for tick in 0..<40 {
            let run = try PipedRun([Child.path, "--dir", lab, "-c", "set a 1"], in: home)
            _ = run.child.hasEnded(within: Int32(tick) * 3)
            run.child.send(SIGKILL)
            let result = try run.finish()
            #expect([137, 0].contains(result.status), "\(tick): \(result.errors)")
            guard !result.output.isEmpty else { continue }
            #expect(try value(of: "a").output == "1\n", "\(tick)")
            try FileManager.default.removeItem(atPath: lab)
        }
        #expect(try shiplog("--dir", lab, "-c", "status", in: home).status == 0)
    }

    @Test(.enabled(if: Strace.isWanted, "strace is not installed"))
    func `killed at each step of its making, a lab's directory can be opened`() throws {
        let steps = "mkdir,mkdirat,flock,renameat,fsync,unlinkat"
        var deaths = 0
        for step in 1... {
            let result = try shell(
                "exec strace -f -qq -o /dev/null -e trace=\(steps) "
                    + "-e inject=\(steps):signal=KILL:when=\(step) "
                    + "$shiplog --replicas 1 --dir \(lab) -c status", in: home)
            guard result.status != 0 else { break }
            deaths += 1
            let again = try shiplog("--dir", lab, "-c", "set a 1", in: home)
            #expect(again.status == 0, "\(step): \(again.errors)")
            try? FileManager.default.removeItem(atPath: lab)
        }
        #expect(deaths > 30)
    }
}
