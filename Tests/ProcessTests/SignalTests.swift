import Glibc
import Testing

struct SignalTests {
    private let home: Home

    init() throws {
        home = try Home()
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
    func `a signal ends a batch that waits for a line, and the lab with it`(_ signal: Int32) throws
    {
        let run = try PipedRun([Child.path], in: home)
        run.type("set a 1\n")
        _ = try run.nextLine()
        // Half a line does not hold it up.
        run.type("set b")
        run.child.send(signal)
        #expect(try run.child.wait() == 128 + signal)
        #expect(try run.finish().errors.isEmpty)
        #expect(home.leftovers.isEmpty)
    }

    /// The second of them is all due at one instant, so that the lab never comes to rest.
    @Test(arguments: [SIGINT, SIGTERM, SIGHUP], ["load 1000000 every 1ms", "load 1000000"])
    func `a signal ends a command that would take long`(_ signal: Int32, _ load: String) throws {
        let run = try PipedRun(
            [Child.path, "-c", "set a 1", "-c", load, "-c", "set b 1"], in: home)
        _ = try run.nextLine()
        run.child.send(signal)
        let result = try run.finish()
        #expect(result.status == 128 + signal)
        // It may have come just before the load; what gives up on the lab leaves its directory.
        if !result.errors.isEmpty {
            #expect(result.errors.hasPrefix("error: interrupted at 03:"))
            #expect(result.errors.contains(" of 1000000 commits acknowledged\n"))
        }
        #expect(home.leftovers.isEmpty)
    }

    @Test func `what a load that was ended says was acknowledged is what a kept lab has`() throws {
        let folder = home.path + "/lab"
        let run = try PipedRun(
            [Child.path, "--dir", folder, "-c", "set a 1", "-c", "load 1000000"], in: home)
        _ = try run.nextLine()
        _ = run.child.hasEnded(within: 300)
        run.child.send(SIGTERM)
        let words = try run.finish().errors.split(separator: " ")
        let of = try #require(words.firstIndex(of: "of"))
        let count = try #require(Int(words[of - 1]))
        #expect(count > 0)
        let again = try shiplog(
            "--dir", folder, "--json", "--keep-going", "-c", "get k:\(count)", "-c",
            "get k:\(count + 1)", in: home)
        #expect(again.lines.first?.contains(#""value":"\#(count)""#) == true)
        #expect(again.lines.last?.contains(#""value":null"#) == true)
    }

    @Test func `a quit signal waits for nothing`() throws {
        let run = try PipedRun([Child.path, "-c", "set a 1", "-c", "load 9999999"], in: home)
        _ = try run.nextLine()
        run.child.send(SIGQUIT)
        #expect(try run.child.wait() == 128 + SIGQUIT)
    }

    @Test func `a kept lab that was ended by a signal was stopped cleanly`() throws {
        let folder = home.path + "/lab"
        let run = try PipedRun([Child.path, "--dir", folder], in: home)
        run.type("set a 1\n")
        _ = try run.nextLine()
        run.child.send(SIGTERM)
        #expect(try run.child.wait() == 143)
        let again = try shiplog("--dir", folder, "-c", "get a --json", in: home)
        #expect(again.status == 0)
        #expect(again.output.contains(#""value":"1""#))
    }

    @Test func `a signal that was ignored from the start stays ignored`() throws {
        let run = try PipedRun(
            ["/bin/sh", "-c", "trap '' INT HUP; exec '\(Child.path)'"], in: home)
        run.type("set a 1\n")
        _ = try run.nextLine()
        run.child.send(SIGINT)
        run.child.send(SIGHUP)
        run.type("get a\n")
        _ = try run.nextLine()
        #expect(try run.finish().status == 0)
    }

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP], ["load 1000000 every 1ms", "load 1000000"])
    func `a check ends in the middle of a long command, and updates nothing`(
        _ signal: Int32, _ load: String
    ) throws {
        let text = "# T\n\nClaim.\n\n```shiplog\n> \(load)\n...\n```\n"
        let file = try home.file("long.md", text)
        let run = try PipedRun([Child.path, "check", "--update", file], in: home)
        while home.leftovers.isEmpty, !run.child.hasEnded(within: 10) {}
        run.child.send(signal)
        let result = try run.finish()
        #expect(result.status == 128 + signal)
        #expect(result.output.isEmpty && result.errors.isEmpty)
        #expect(try home.text(of: "long.md") == text)
        #expect(home.leftovers.isEmpty)
    }

    @Test func `a check that is interrupted leaves nothing behind`() throws {
        let commands = String(repeating: "> ! bogus\n...\n", count: 20_000)
        let file = try home.file("long.md", "# T\n\nClaim.\n\n```shiplog\n\(commands)```\n")
        let run = try PipedRun([Child.path, "check", "--runs", "1000", file], in: home)
        while home.leftovers.isEmpty, !run.child.hasEnded(within: 10) {}
        run.child.send(SIGINT)
        #expect(try run.finish().status == 130)
        #expect(home.leftovers.isEmpty)
    }
}
