import Foundation
import Testing

struct BatchTests {
    private let home: Home

    init() throws {
        home = try Home()
    }

    @Test func `commands of -c run, and their results are all there is`() throws {
        let result = try shiplog("-c", "set pay:1 100", "-c", "get pay:1", in: home)
        #expect(result.status == 0)
        #expect(result.output.contains("100"))
        #expect(result.errors.isEmpty)
        #expect(home.leftovers.isEmpty)
    }

    @Test func `-c and -f run in the order given, however mixed`() throws {
        let file = try home.file("two.txt", "# a comment\n\n  get a\nset a 3\n")
        let result = try shiplog(
            "--echo", "-c", "set a 1", "-f", file, "-c", "get a", "-f", "-", "-c", "status",
            input: "set a 4\nget a\n", in: home)
        #expect(result.status == 0)
        #expect(
            result.lines.filter { $0.hasPrefix("> ") } == [
                "> set a 1", "> get a", "> set a 3", "> get a", "> set a 4", "> get a", "> status",
            ])
    }

    @Test func `commands come from standard input when nothing else is said`() throws {
        let result = try shiplog(input: "set a 1\nget a", in: home)
        #expect(result.status == 0)
        #expect(result.output.contains("1"))
    }

    @Test func `an answer comes as soon as its command was given`() throws {
        let run = try PipedRun([Child.path], in: home)
        run.type("set a 1\n")
        _ = try run.nextLine()
        run.type("get a --json\n")
        var line = try run.nextLine()
        while !line.hasPrefix("{") { line = try run.nextLine() }
        #expect(line.contains(#""value":"1""#))
        #expect(try run.finish().status == 0)
    }

    @Test func `a command that failed is the last, and says why on standard error`() throws {
        let result = try shiplog("-c", "promote r9", "-c", "set a 1", in: home)
        #expect(result.status == 1)
        #expect(result.output.isEmpty)
        #expect(result.errors.hasPrefix("error: "))
        #expect(result.errors.contains("\ntry: "))
    }

    @Test func `--keep-going goes on, and still tells`() throws {
        let result = try shiplog("--keep-going", "-c", "bogus", "-c", "set a 1", in: home)
        #expect(result.status == 1)
        #expect(!result.output.isEmpty)
        #expect(!result.output.contains("error:"))
        #expect(result.errors.contains("error: unknown command 'bogus'"))
    }

    @Test func `what failed in a file is told with its line`() throws {
        let file = try home.file("script.txt", "# first\n\nbogus  # word\n")
        let result = try shiplog("-f", file, in: home)
        #expect(result.status == 1)
        #expect(result.errors.hasPrefix("\(file):3: bogus  # word\nerror: "))
    }

    @Test func `quit ends the run, and all is well`() throws {
        let result = try shiplog("-c", "quit", "-c", "bogus", in: home)
        #expect(result.status == 0)
        #expect(result.errors.isEmpty)
    }

    @Test func `under --json every line is an object, errors too`() throws {
        let result = try shiplog(
            "--json", "--keep-going", "-c", "set a 1", "-c", "status", "-c", "bogus", "-c", "get a",
            "-c", "get r9 a", "-c", "lost", in: home)
        #expect(result.status == 1)
        #expect(result.errors.isEmpty)
        let objects = result.lines.map {
            (try? JSONSerialization.jsonObject(with: Data($0.utf8))) as? [String: Any]
        }
        #expect(objects.count >= 6)
        #expect(objects.allSatisfy { $0 != nil })
        #expect(objects.count { $0?["error"] != nil } == 2)
    }

    @Test func `what --echo prints is the body of a fence that passes`() throws {
        let script = try home.file(
            "script.txt",
            "# setup\nset pay:1 100\n\nget pay:1  # look\npromote r9\nload 3 every 10ms\nstatus\n")
        let echoed = try shiplog("--echo", "--keep-going", "-f", script, in: home)
        #expect(echoed.status == 1)
        #expect(echoed.errors.isEmpty)
        #expect(echoed.lines.contains("> ! promote r9"))
        let transcript = try home.file(
            "echoed.md", "# Echoed\n\nWhat a run printed.\n\n```shiplog\n\(echoed.output)```\n")
        let check = try shiplog("check", transcript, in: home)
        #expect(check.status == 0)
        #expect(check.output == "1 passed, 0 failed\n")
    }

    @Test(arguments: [[:], ["CLICOLOR_FORCE": "1"]])
    func `nothing but text goes into a pipe`(_ variables: [String: String]) throws {
        let result = try shiplog(
            "--keep-going", "--echo",
            input: "set 'a\u{1b}[31m' 1\nstatus\nbogus\nhelp\nget a\u{1b}\nlag\n", in: home,
            variables: variables)
        #expect(!result.output.contains("\u{1b}"))
        #expect(!result.errors.contains("\u{1b}"))
        #expect(result.output.hasPrefix("> "))
    }

    @Test func `a value may be longer than a pipe is deep, a line not endless`() throws {
        let result = try shiplog(
            input: "set a \(String(repeating: "x", count: 5000))\nget a\n", in: home)
        #expect(result.status == 0)
        #expect(result.output.contains(String(repeating: "x", count: 5000)))
        let file = try home.file("long.txt", String(repeating: "x", count: 1 << 21) + "\nstatus\n")
        let long = try shiplog("-f", file, in: home)
        #expect(long.status == 1)
        #expect(long.errors == "error: \(file): line 1 has more than 1048576 bytes\n")
    }

    @Test func `what --dir holds is there the next time`() throws {
        let folder = home.path + "/lab"
        #expect(try shiplog("--dir", folder, "-c", "set a 1", in: home).status == 0)
        let result = try shiplog("--dir", folder, "-c", "get a --json", in: home)
        #expect(result.status == 0)
        #expect(result.output.contains(#""value":"1""#))
        #expect(home.leftovers.isEmpty)
    }
}
