import Glibc
import Testing

struct ExitStatusTests {
    private let home: Home

    init() throws {
        home = try Home()
    }

    @Test(arguments: [
        ["--bogus"], ["-c"], ["--replicas", "201"], ["--replicas", "-1"], ["--replicas", "two"],
        ["--seed", "-1"], ["--color", "red"], ["lessons"], ["check"],
        ["check", "--runs", "0", "x"],
        ["--ssl-cert-file", "x"], ["--ssl-key-file", "x"],
        ["--json", "check", "x"], ["check", "x", "-c", "status"],
    ])
    func `wrong usage is 64 and starts nothing`(_ arguments: [String]) throws {
        let run = try PipedRun([Child.path] + arguments, in: home)
        let result = try run.finish()
        #expect(result.status == 64)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains("Usage: shiplog"))
    }

    @Test func `help and version are answers`() throws {
        let help = try shiplog("--help", in: home)
        #expect(help.status == 0)
        for word in ["--replicas", "--keep-going", "-c <command>", "-f <file>", "check"] {
            #expect(help.output.contains(word))
        }
        #expect(try shiplog("check", "--help", in: home).output.contains("--update"))
        #expect(try shiplog("--version", in: home).status == 0)
    }

    @Test func `a file that cannot be read is 2, and nothing has run`() throws {
        for path in [home.path + "/none", home.path] {
            let result = try shiplog("-c", "set a 1", "-f", path, in: home)
            #expect(result.status == 2)
            #expect(result.output.isEmpty)
            #expect(result.errors.hasPrefix("error: \(path): "))
        }
    }

    @Test func `a lab that cannot start is 2`() throws {
        let file = try home.file("file", "")
        let result = try shiplog("--dir", file + "/lab", "-c", "status", in: home)
        #expect(result.status == 2)
        #expect(result.output.isEmpty)
        #expect(result.errors.hasPrefix("error: "))
    }

    @Test func `a lab that cannot speak TLS as it is asked to is 2`() throws {
        let result = try shiplog(
            "--ssl-cert-file", home.path + "/none", "--ssl-key-file", home.path + "/none", "-c",
            "status", in: home)
        #expect(result.status == 2)
        #expect(result.output.isEmpty)
        // The file is missing; a build without the trait does not even look.
        let lines = result.errors.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.first?.hasPrefix("error: ") == true)
        #expect(lines.first?.contains("TLS") == true)
    }

    @Test func `check is 0 when all passes, 1 when something differs, 2 without a file`() throws {
        let head = "# Title\n\nOne claim.\n\n"
        let good = try home.file("good.md", head + "```shiplog\n> ! promote r9\n...\n```\n")
        let passed = try shiplog("check", good, in: home)
        #expect(passed.status == 0)
        #expect(passed.output.hasSuffix("1 passed, 0 failed\n"))

        let bad = try home.file("bad.md", head + "```shiplog\n> set a 1\nnot this\n```\n")
        let failed = try shiplog("check", good, bad, in: home)
        #expect(failed.status == 1)
        #expect(failed.output.contains("to accept: shiplog check --update \(bad)"))
        #expect(failed.output.hasSuffix("1 passed, 1 failed\n"))

        let missing = try shiplog("check", home.path + "/none.md", in: home)
        #expect(missing.status == 2)
        #expect(missing.errors.hasPrefix("error: "))
        #expect(home.leftovers.isEmpty)
    }

    @Test func `check --update writes what was printed, and then it passes`() throws {
        let head = "# Title\n\nOne claim.\n\n"
        let file = try home.file("old.md", head + "```shiplog\n> set a 1\nold\n> get a\n```\n")
        #expect(try shiplog("check", "--update", file, in: home).status == 0)
        #expect(try home.text(of: "old.md").contains("\nold\n") == false)
        #expect(try shiplog("check", "--runs", "3", file, in: home).status == 0)
    }

    @Test func `a reader that went away is no trouble`() throws {
        let result = try shell(
            "{ $shiplog -c help -c help -c help; echo $? >&2; } | head -n 1", in: home)
        #expect(result.lines.count == 1)
        // All of it may have fitted into the pipe before head left.
        #expect(["0\n", "141\n"].contains(result.errors))
        #expect(home.leftovers.isEmpty)
    }

    @Test func `a reader that was never there ends the run quietly`() throws {
        let result = try shell(
            "{ read -r _; $shiplog -c help -c help; echo $? >&2; } | true", in: home)
        #expect(result.errors == "141\n")
        #expect(home.leftovers.isEmpty)
    }

    @Test func `output that cannot be written is told`() throws {
        for target in ["1>&-", "1>/dev/full"] {
            let result = try shell("$shiplog -c 'set a 1' -c 'get a' \(target)", in: home)
            #expect(result.status == 1)
            #expect(result.errors.hasPrefix("error: cannot print: "))
        }
        #expect(home.leftovers.isEmpty)
    }

    @Test func `without standard input there is nothing to run`() throws {
        #expect(try shell("$shiplog 0</dev/null", in: home).status == 0)
        #expect(try shell("$shiplog 0<&-", in: home).status == 2)
        #expect(try shell("$shiplog -c status 0<&-", in: home).status == 0)
    }
}
