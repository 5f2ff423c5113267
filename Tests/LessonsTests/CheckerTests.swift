import Cluster
import Testing

@testable import Lessons

/// Checks one text that is not on disk.
func check(
    _ text: String, _ kind: DocumentKind = .other, runs: Int = 2, world: ScriptedLab.World? = nil
) throws -> FileReport {
    let world = world ?? ScriptedLab.World()
    let checker = Checker(options: .init(runs: runs), startLab: world.start)
    return checker.check(try parse(text).get(), kind)
}

/// The text of a `shiplog` fence.
func fence(_ lines: String..., attributes: String = "") -> String {
    (["```shiplog \(attributes)".trimmed] + lines + ["```", ""]).joined(separator: "\n")
}

struct CheckerTests {
    @Test func `a file that says what the lab prints passes`() throws {
        let report = try check(wholeLesson, .lesson)
        #expect(report.isPassed, "\(report.failureLines)")
        #expect(report.failureLines == [])
        #expect(report.noteLines == [])
    }

    @Test func `every run has a fresh lab with the settings of the file, closed at its end`() throws
    {
        let world = ScriptedLab.World()
        _ = try check(wholeLesson, runs: 3, world: world)
        #expect(world.settings == Array(repeating: LabOptions(replicas: 3, seed: 7), count: 3))
        #expect(world.open == 0)
        _ = try check("Only prose.\n", world: world)
        #expect(world.settings.count == 3)
    }

    @Test func `a difference is shown with its place, its context and the way to accept it`() throws
    {
        let text = "# T\n\n" + fence("> say a", "a", "> say b c", "b", "d", "> say", attributes: "")
        #expect(
            try check(text).failureLines
                == [
                    "a.md:6: `say b c` printed something else",
                    "--- a.md",
                    "+++ a.md (replayed)",
                    "@@ -5,6 +5,6 @@",
                    " a",
                    " > say b c",
                    " b",
                    "-d",
                    "+c",
                    " > say",
                    " ```",
                    "to accept: shiplog check --update a.md",
                ])
    }

    @Test func `a command that fails without a mark fails the file`() throws {
        let report = try check(fence("> fail no such key", "no", "such", "key"))
        #expect(
            report.failureLines == [
                "a.md:2: `fail no such key` failed; if it should, write `> ! fail no such key`",
                "    no", "    such", "    key",
            ])
    }

    @Test func `a command that must fail and does not fails the file`() throws {
        #expect(try check(fence("> ! fail x", "x")).isPassed)
        #expect(try check(fence("> fail x", "x", "> fail", attributes: "fails")).isPassed)
        #expect(
            try check(fence("> ! say x", "x")).failureLines == [
                "a.md:2: `say x` was to fail and did not"
            ])
        #expect(try !check(fence("> fail", "> say", attributes: "fails")).isPassed)
    }

    @Test(arguments: [
        ("print x\\s", "ends in a blank: \"x \""), ("print a\\tb", "holds a control character"),
        ("print \\e[1m", "holds a control character"),
        ("print >x", "begins with `>` like a command"),
        ("print ...", "reads as an elision"), ("print ```", "reads as the end of its fence"),
    ])
    func `a printed line that no fence can hold fails the file`(
        _ command: String, _ reason: String
    ) throws {
        let lines = try check(fence("> \(command)", "...")).failureLines
        #expect(lines.count == 1)
        #expect(lines.first?.contains("printed a line that \(reason)") == true)
    }

    @Test func `elided lines match, are counted, and have no place in a lesson`() throws {
        let text = "# T\n" + fence("> say a b c", "a", "...", "> say t=5", "t=[..]")
        let report = try check(text)
        #expect(report.isPassed)
        #expect(report.noteLines == ["elided: a.md: 2 lines"])
        #expect(
            try check(text, .lesson).failureLines
                == [5, 7].map {
                    "a.md:\($0): an elided line: a lesson shows everything its commands print"
                })
        #expect(try check(text, .lesson).elidedLines == [5, 7])
    }

    @Test func `a skipped fence is not run, and said so`() throws {
        let text = fence("> fail", attributes: "skip=needs psql") + fence("> say x", "x")
        let report = try check(text)
        #expect(report.isPassed)
        #expect(report.noteLines == ["skipped: a.md:1: needs psql"])
    }

    @Test func `what does not print the same twice is not repeatable`() throws {
        let text = fence("> starts", "[..] labs before")
        #expect(
            try check(text).failureLines == [
                "a.md: not repeatable: run 2 did not print what run 1 did",
                "--- run 1", "+++ run 2",
                "@@ -1,2 +1,2 @@", " > starts", "-0 labs before", "+1 labs before",
            ])
        #expect(try check(text, runs: 1).isPassed)
        #expect(try check(fence("> starts", "0 labs before"), runs: 50).failureLines.count == 7)
    }

    @Test func `nothing runs after the session ended`() throws {
        #expect(try check(fence("> quit")).isPassed)
        #expect(
            try check(fence("> quit", "> say a", "b", "> say c")).failureLines == [
                "a.md:3: the session ended at line 2: nothing below it can run"
            ])
    }

    @Test func `start prints nothing`() throws {
        #expect(try check(fence("> start", attributes: "setup")).isPassed)
        #expect(try !check(fence("> start", "hello", attributes: "setup")).isPassed)
    }

    @Test func `a lab that does not start is said so`() throws {
        struct NoRoom: Error, CustomStringConvertible { let description = "no room" }
        let checker = Checker { _ in throw NoRoom() }
        let report = checker.check(try parse(wholeLesson).get(), .other)
        #expect(report.failureLines == ["a.md: the lab did not start: no room"])
    }

    @Test func `the starred choice is what the lab shows`() throws {
        func ask(_ answer: String) throws -> FileReport {
            try check("```predict\nQ\n- 800ms *\n- 0ms\nbecause: x\nanswer: \(answer)\n```\n")
        }
        #expect(try ask("time_lag r1").isPassed)
        #expect(
            try ask("replicas").failureLines == [
                "a.md:1: the starred choice is `800ms`, the lab shows `2`"
            ])
        #expect(
            try ask("time_lag r2").failureLines == [
                "a.md:1: the starred choice is `800ms`, the lab shows nothing"
            ])
    }

    @Test func `a goal is false before the solution and true after it`() throws {
        func solve(_ goal: String, _ solution: String) throws -> [String] {
            try check("```task\nDo it.\ngoal: \(goal)\nsolution: \(solution)\n```\n").failureLines
        }
        #expect(try solve("primary = r1", "set primary r1") == [])
        #expect(
            try solve("replicas = 2", "say") == [
                "a.md:3: goal `replicas = 2` is already met before the solution"
            ])
        #expect(
            try solve("primary = r1", "set primary p") == [
                "a.md:3: goal `primary = r1` is not met by the solution: `p`"
            ])
        #expect(
            try solve("primary = r1", "fail oh").prefix(2) == [
                "a.md:4: solution `fail oh` failed", "    oh",
            ])
    }

    @Test func `the closing line counts files, failures come first`() throws {
        let good = try check(fence("> say a", "[..]"))
        let bad = try check(fence("> ! say"))
        #expect(
            CheckReport(files: [good, bad]).lines == [
                "a.md:2: `say` was to fail and did not", "elided: a.md: 1 line",
                "1 passed, 1 failed",
            ])
        #expect(CheckReport(files: [good]).failed == 0)
    }
}
