import Foundation
import Testing

/// The directories of labs that were killed go when the next lab begins, and nothing else does.
struct LeftDirectoryTests {
    private let home: Home
    private var parent: String { home.path + "/tmp" }

    init() throws {
        home = try Home()
    }

    private func openLab(_ arguments: String...) throws -> PipedRun {
        let run = try PipedRun([Child.path] + arguments, in: home)
        run.type("set a 1\n")
        _ = try run.nextLine()
        return run
    }

    private func kill(_ run: PipedRun) throws {
        run.child.send(SIGKILL)
        #expect(try run.finish().status == 137)
    }

    @Test func `what a killed lab has left goes with the next one, a living lab's does not`() throws
    {
        let living = try openLab()
        let own = home.leftovers
        #expect(own.count == 1)
        try kill(try openLab())
        try kill(try openLab("--memory"))
        // The second of them has removed what the first had left.
        #expect(home.leftovers.count == 2)
        #expect(try shiplog("-c", "status", in: home).status == 0)
        #expect(home.leftovers == own)
        living.type("get a\n")
        #expect(try living.nextLine() == "1")
        #expect(try living.finish().status == 0)
        #expect(home.leftovers.isEmpty)
    }

    @Test func `killed at any instant, labs leave nothing that the next does not remove`() throws {
        for tick in 0..<30 {
            let run = try PipedRun([Child.path, "-c", "set a 1"], in: home)
            _ = run.child.hasEnded(within: Int32(tick) * 4)
            run.child.send(SIGKILL)
            _ = try run.finish()
            #expect(home.leftovers.count <= 1)
        }
        #expect(try shiplog("-c", "status", in: home).status == 0)
        #expect(home.leftovers.isEmpty)
    }

    @Test func `nothing is removed that is not a killed lab's`() throws {
        let files = FileManager.default
        // Full and without a lock; of another name; a file; a link to what looks like one.
        let kept = ["shiplog-temporary-letter", "shiplog-temporary-longer-name", "shiplog-abcdef"]
        for name in kept {
            try files.createDirectory(
                atPath: "\(parent)/\(name)", withIntermediateDirectories: false)
            _ = try home.file("tmp/\(name)/letter", "Dear all\n")
        }
        _ = try home.file("tmp/shiplog-abcdef/shiplog.temporary", "")
        _ = try home.file("tmp/shiplog-temporary-aafile", "")
        try files.createSymbolicLink(
            atPath: "\(parent)/shiplog-temporary-aalink",
            withDestinationPath: "\(parent)/shiplog-abcdef")
        let before = home.leftovers.sorted()
        #expect(before.count == 5)
        #expect(try shiplog("-c", "status", in: home).status == 0)
        #expect(home.leftovers.sorted() == before)
        for name in kept { #expect(files.fileExists(atPath: "\(parent)/\(name)/letter")) }
    }

    @Test func `a directory that goes with its lab is none to keep a lab in`() throws {
        let living = try openLab()
        let path = try #require(home.leftovers.first)
        let result = try shiplog("--dir", "\(parent)/\(path)", "-c", "set a 2", in: home)
        #expect(result.status == 2)
        #expect(result.errors.contains("it goes with the lab that has made it"))
        living.type("get a\n")
        #expect(try living.nextLine() == "1")
    }
}
