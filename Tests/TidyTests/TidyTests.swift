import Testing

/// The rules, held against this repository.
struct TidyTests {
    private let repository = Repository.whole

    /// Files that may read the wall clock though they are not the executable, and why.
    private let clockReaders = [
        "Sources/Network/OutsideTimer.swift": "bounds how long an outside program is waited for",
        "Sources/Programs/StandbyServer.swift": "bounds how long a PostgreSQL may take to start",
    ]

    private func expectNone(
        _ problems: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        for problem in problems { Issue.record("\(problem)", sourceLocation: sourceLocation) }
    }

    @Test func `the repository is found`() {
        #expect(repository.entries.contains("Package.swift"))
        #expect(repository.code.contains { $0.path == "Tests/TidyTests/TidyTests.swift" })
    }

    @Test(arguments: Architecture.pure)
    func `a pure target imports no file, socket, thread or clock`(_ target: String) {
        let files = repository.code.filter { $0.isBelow("Sources/\(target)") }
        #expect(!files.isEmpty)
        let modules = files.flatMap { SwiftTokens($0.text).imports }.map(\.text)
        #expect(Set(modules).subtracting(Architecture.mayImport.keys) == [])
    }

    @Test func `imports follow the graph`() {
        let files = repository.code.filter { $0.isBelow("Sources") }
        expectNone(files.flatMap(Architecture.strayImports))
    }

    @Test func `lines are short`() { expectNone(repository.codeWithC.flatMap(CodeRules.longLines)) }

    @Test func `files are short`() { expectNone(repository.code.flatMap(CodeRules.longFile)) }

    @Test func `functions are short`() { expectNone(repository.code.flatMap(CodeRules.longBodies)) }

    @Test func `few variables of a type may be set by other files`() {
        let files = repository.code.filter { $0.isBelow("Sources") }
        expectNone(files.flatMap(StoredVariables.breaches))
    }

    @Test func `names say what they name`() {
        expectNone(repository.code.flatMap(CodeRules.emptyNames))
    }

    @Test func `every error has words`() {
        let files = repository.code.filter { $0.isBelow("Sources") }
        expectNone(files.flatMap(CodeRules.speechlessErrors))
    }

    @Test func `nothing sleeps`() { expectNone(repository.codeWithC.flatMap(CodeRules.sleeps)) }

    @Test func `only the executable and the benches read the wall clock`() {
        let readers = repository.codeWithC.filter { !CodeRules.wallClocks($0).isEmpty }
        let strays = readers.filter {
            !$0.isBelow("Sources/shiplog") && !$0.isBelow("Sources/Bench")
                && clockReaders[$0.path] == nil
        }
        expectNone(strays.flatMap(CodeRules.wallClocks))
        let stale = Set(clockReaders.keys).subtracting(readers.map(\.path))
        #expect(stale == [], "these no longer read the clock: take them off the list")
        #expect(clockReaders.values.allSatisfy { !$0.isEmpty }, "an exception has a reason")
    }

    @Test func `nothing is left for later`() {
        expectNone(repository.files.flatMap(TextRules.leftovers))
    }

    @Test func `no file names a folder of one machine`() {
        expectNone(repository.files.flatMap(TextRules.machinePaths))
    }

    @Test func `the root holds what a newcomer is told of, and nothing else`() {
        expectNone(TextRules.strayEntries(repository.entries))
    }

    @Test func `every transcript says what it shows`() {
        let transcripts = repository.files.filter { $0.isBelow("transcripts") }
        expectNone(transcripts.flatMap(TextRules.silentTranscript))
    }

    @Test func `nothing is recorded that differs from run to run`() {
        let pages = repository.files.filter { $0.path.hasSuffix(".md") }
        expectNone(pages.flatMap(TextRules.unrepeatableCommands))
    }

    @Test func `the README's figures are those that the script writes`() {
        let readmes = repository.files.filter { $0.path == "README.md" }
        #expect(readmes.count == 1)
        expectNone(readmes.flatMap(TextRules.handmadeFigures))
    }

    @Test func `every lesson is found from the README`() {
        let lessons = repository.files.filter { $0.isBelow("lessons") }.map(\.path)
        let readme = repository.files.first { $0.path == "README.md" }?.text ?? ""
        expectNone(TextRules.lostLessons(lessons, readme: readme))
    }

    @Test func `links between files lead somewhere`() {
        let pages = repository.files.filter { $0.path.hasSuffix(".md") }
        expectNone(pages.flatMap { TextRules.deadLinks($0, exists: repository.exists) })
    }
}
