import Testing

/// The rules, held against samples that break them and samples that only look as if they did.
struct RuleTests {
    private func file(_ text: String, at path: String = "Sources/Storage/A.swift")
        -> Repository.File
    {
        Repository.File(path: path, text: text)
    }

    private func body(_ head: String, lines: Int) -> String {
        ([head + " {"] + Array(repeating: "  x()", count: lines - 2) + ["}"]).joined(
            separator: "\n")
    }

    @Test func `a pure target may not import the system, others may`() {
        for module in Architecture.platform {
            let text = "import \(module)\n"
            #expect(
                Architecture.strayImports(file(text, at: "Sources/WALFormat/A.swift")).count == 1)
            #expect(Architecture.strayImports(file(text)) == [])
        }
    }

    @Test(arguments: [
        "import Network", "public import Network", "@testable import Network",
        "internal import struct Network.Link", "import NIOCore",
        "#if canImport(NIOCore)\n import NIOCore\n#endif",
    ])
    func `an import against the graph is found however it is written`(_ text: String) {
        #expect(Architecture.strayImports(file(text)).count == 1)
    }

    @Test func `an import in a comment or a string is none`() {
        let text = "// import Network\n/* /* import Network */ */\nlet a = \"import Network\"\n"
        #expect(Architecture.strayImports(file(text)) == [])
        #expect(Architecture.strayImports(file("", at: "Sources/Extra/A.swift")).count == 1)
    }

    @Test func `the graph points downward`() {
        func reaches(_ from: String, _ target: String) -> Bool {
            (Architecture.mayImport[from] ?? []).contains { $0 == target || reaches($0, target) }
        }
        for target in Architecture.mayImport.keys { #expect(!reaches(target, target)) }
        for target in Architecture.pure {
            let below = Architecture.mayImport[target] ?? ["?"]
            #expect(below.isSubset(of: Architecture.pure))
        }
    }

    @Test func `a line of 101 columns is too long`() {
        #expect(CodeRules.longLines(file(String(repeating: "é", count: 100))) == [])
        let long = "short\n" + String(repeating: "x", count: 101)
        #expect(
            CodeRules.longLines(file(long)) == [
                "Sources/Storage/A.swift:2: 101 columns, at most 100"
            ])
    }

    @Test func `a file of 351 lines is too long`() {
        #expect(CodeRules.longFile(file(String(repeating: "\n", count: 350))) == [])
        #expect(CodeRules.longFile(file(String(repeating: "\n", count: 351))).count == 1)
        #expect(CodeRules.longFile(file(String(repeating: "\n", count: 350) + "x")).count == 1)
    }

    @Test(arguments: [
        "func a(b: () -> Int = { 1 }) throws(E) -> [Int]", "init?(x: Int)", "deinit",
        "subscript(i: Int) -> Int", "var x: Int", "func `a \"quoted { name`()",
        "static func < <T>(a: T, b: T) -> Bool where T: P",
    ])
    func `a body of 71 lines is too long`(_ head: String) {
        #expect(CodeRules.longBodies(file(body(head, lines: 70))) == [])
        #expect(
            CodeRules.longBodies(file("\n" + body(head, lines: 71))) == [
                "Sources/Storage/A.swift:2: 71 lines, at most 70"
            ])
    }

    @Test func `a type is no body, and braces in strings and comments do not count`() {
        #expect(CodeRules.longBodies(file(body("struct A", lines: 99))) == [])
        let requirements = "protocol P {\n func a()\n init(x: Int)\n}\n" + body("enum E", lines: 90)
        #expect(CodeRules.longBodies(file(requirements)) == [])
        let tricky =
            "func a() {\n\"{ \\(b(\"{\")) {\"\n#\"\"{\"#\n// {\n}\n" + body("struct S", lines: 90)
        #expect(CodeRules.longBodies(file(tricky)) == [])
        let multiline =
            "func a() {\nlet x = \"\"\"\n  { \" {\n  \"\"\"\n}\n" + body("struct S", lines: 90)
        #expect(CodeRules.longBodies(file(multiline)) == [])
    }

    @Test func `a variable counts when it is stored and another file may set it`() {
        let text = """
            struct Page {
                let size: Int
                var first: Int
                package internal(set) var second = 0
                var third: Int? {
                    didSet { changed() }
                }
                private(set) var own = 0
                private var hidden: [Int] = []
                static var shared = 0
                var computed: Int { 0 }
                var longer: Int {
                    0
                }
                struct Part {
                    var inner = 0
                }
                func act(
                    on page: Int
                ) {
                    var local = 0
                }
                weak var last: Page?
            }
            """
        #expect(StoredVariables.counts(file(text)) == ["Page": 4, "Part": 1])
    }

    @Test func `thirteen such variables are too many`() {
        func type(_ count: Int) -> Repository.File {
            file("class A {\n" + (0..<count).map { "    var v\($0) = 0\n" }.joined() + "}\n")
        }
        #expect(StoredVariables.breaches(type(12)) == [])
        #expect(StoredVariables.breaches(type(13)).count == 1)
    }

    @Test(arguments: ["LinkManager", "PageHelpers", "Utils", "WALCommon", "Misc", "URLUtilities"])
    func `a name that names nothing is found in types, files and folders`(_ name: String) {
        #expect(CodeRules.emptyNames(file("final class \(name) {}")).count == 1)
        #expect(CodeRules.emptyNames(file("", at: "Sources/Storage/\(name).swift")).count == 1)
        #expect(CodeRules.emptyNames(file("", at: "Sources/Storage/Page+\(name).swift")).count == 1)
        #expect(CodeRules.emptyNames(file("", at: "Sources/\(name)/Page.swift")).count == 1)
        #expect(CodeRules.emptyNames(file("struct ResourceManager {}")) == [])
        #expect(CodeRules.emptyNames(file("// class \(name)\nclass func make() {}")) == [])
    }

    @Test(arguments: [
        "usleep(3)", "Thread.sleep(forTimeInterval: 1)", "try await Task.sleep(for: .seconds(1))",
        "nanosleep(&a, nil)", "let a = \"\\(sleep(1))\"",
    ])
    func `a call that sleeps is found`(_ text: String) {
        #expect(CodeRules.sleeps(file(text)).count == 1)
        #expect(CodeRules.sleeps(file("// \(text)\nlet sleepy = 1")) == [])
    }

    @Test func `a quote that C writes as a character does not hide the lines below it`() {
        #expect(CodeRules.sleeps(file("if (c == '\"') {\n  nanosleep(&t, 0);\n}")).count == 1)
    }

    @Test(arguments: [
        "let a = Date()", "Date.now", "ContinuousClock().now", "clock_gettime(CLOCK_REALTIME, &t)",
        "NIODeadline.now()", "DispatchTime.now()", "loop.scheduleTask(in: .seconds(1)) {}",
    ])
    func `a read of the wall clock is found`(_ text: String) {
        #expect(CodeRules.wallClocks(file(text)).count == 1)
        #expect(CodeRules.wallClocks(file("/* \(text) */ let now = stepper.now")) == [])
    }

    @Test func `unfinished work is found, longer words are not`() {
        for word in ["FIX" + "ME", "TO" + "DO", "XX" + "X"] {
            #expect(TextRules.leftovers(file("a\n// \(word): later")).count == 1)
            #expect(TextRules.leftovers(file("mktemp \(word)\(word) A\(word)")) == [])
        }
    }

    @Test func `a folder of one machine is found, a folder of that name is not`() {
        for folder in ["wo" + "rk", "ho" + "me"] {
            #expect(TextRules.machinePaths(file("see /\(folder)/x")).count == 1)
            #expect(TextRules.machinePaths(file("\"/\(folder)/x\"")).count == 1)
            #expect(TextRules.machinePaths(file("frame/\(folder)/x ../\(folder)/x")) == [])
        }
    }

    @Test func `a stray entry of the root is found`() {
        let good = [
            "Package.swift", "README.md", "Sources", "Tests", "lessons", "transcripts", ".ci",
        ]
        #expect(TextRules.strayEntries(good) == [])
        #expect(TextRules.strayEntries(good + ["notes.txt", "docs"]).count == 2)
    }

    @Test func `a transcript without title or claim is found`() {
        func problems(_ text: String) -> Int {
            TextRules.silentTranscript(file(text, at: "transcripts/a/b.md")).count
        }
        #expect(problems("# T\n\nWhat it shows.\n") == 0)
        #expect(problems("What it shows.\n# T\n") == 1)
        #expect(problems("# T\n```shiplog\n") == 1)
        #expect(problems("# T\n## U\nWhat.\n") == 1)
        #expect(problems("# T\n") == 1)
        #expect(problems("") == 1)
    }

    @Test func `a recorded command that tells of ports or of other servers is found`() {
        func problems(_ text: String) -> Int {
            TextRules.unrepeatableCommands(file(text, at: "transcripts/a/b.md")).count
        }
        #expect(problems("> connect\n> ! tail port=1 count=2\n") == 2)
        #expect(problems("> status\n> help tail\nconnect\n") == 0)
    }

    @Test func `a lesson that is not linked, misnamed or numbered twice is found`() {
        let readme = "[one](lessons/01-one.md), [two](lessons/02-two.md), [b](lessons/02-b.md)"
        func problems(_ names: String...) -> Int {
            TextRules.lostLessons(names.map { "lessons/" + $0 }, readme: readme).count
        }
        #expect(problems("01-one.md", "02-two.md") == 0)
        #expect(problems("03-three.md") == 1)
        #expect(problems("one.md") == 2)
        #expect(problems("02-two.md", "02-b.md") == 1)
    }

    @Test func `a link that leads nowhere is found`() {
        let page = file("[a](b.md) [c](d.md#e)\n[f](https://x.org) [g](#h)", at: "lessons/01.md")
        #expect(
            TextRules.deadLinks(page) { $0 == "lessons/b.md" } == [
                "lessons/01.md:1: the link to d.md leads nowhere"
            ])
        #expect(TextRules.deadLinks(page) { _ in true } == [])
    }

    @Test(arguments: [
        "enum Failure: Error { case a }", "package struct Failure: Hashable, Error {}",
        "enum A { public enum Failure:\n    Error, Sendable { case a } }",
    ])
    func `an error without words is found`(_ text: String) {
        #expect(CodeRules.speechlessErrors(file(text)).count == 1)
    }

    @Test(arguments: [
        "enum Failure: Error, CustomStringConvertible { case a }", "enum ErrorKind: Hashable {}",
        "private struct Stop: Error {}", "func f<Failure: Error>(_ a: Failure) {}",
        "// enum Failure: Error {}",
    ])
    func `an error with words, or that nobody else sees, is none of these`(_ text: String) {
        #expect(CodeRules.speechlessErrors(file(text)).isEmpty)
    }

    @Test func `figures that the script did not write are found`() {
        func readme(_ row: String) -> Repository.File {
            file(
                """
                <!-- figures: made by .ci/figures -->

                Measured on 2026-11-28, with 2 cores.

                | Bench | Ratio | Is | Should be | |
                |---|---|---|---|---|
                \(row)

                <!-- figures: end -->
                """, at: "README.md")
        }
        let good = [
            "| `ship` | a / b | 1.25 | at most 1.30 | met |", "| `ship` | a / b | - |  |  |",
        ]
        let bad = [
            "| ship | a / b | 1.25 | | |", "| `ship` | a / b | fast |  |  |", "Good figures.",
        ]
        for row in good { #expect(TextRules.handmadeFigures(readme(row)) == []) }
        for row in bad { #expect(TextRules.handmadeFigures(readme(row)).count == 1) }
        #expect(TextRules.handmadeFigures(file("# A", at: "README.md")).count == 1)
    }
}
