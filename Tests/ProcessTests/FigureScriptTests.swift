import Foundation
import Testing

/// The script that writes the README's figures, with a program that answers as a bench does.
@Suite(
    .enabled(
        if: FileManager.default.isExecutableFile(atPath: "/usr/bin/python3"), "needs python3"))
struct FigureScriptTests {
    private let home: Home
    private let readme: String
    private static let before = """
        # T

        <!-- figures: made by .ci/figures -->
        old
        <!-- figures: end -->

        Behind it.

        """

    init() throws {
        home = try Home()
        readme = try home.file("README.md", Self.before)
    }

    private func run(_ answer: String) throws -> PipedRun.Result {
        let parts = try home.file("answer", "#!/bin/sh\n\(answer)\n")
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path
        // A program that this process had open for writing could not be run: another test's child
        // may have it open still.
        let program = home.path + "/bench"
        return try shell(
            "cat '\(parts)' >'\(program)' && chmod 755 '\(program)' && "
                + "exec '\(root)/.ci/figures' '\(program)' '\(readme)'", in: home)
    }

    @Test func `it writes between the markers, and nowhere else`() throws {
        let answer = #"""
            echo '{"bench":"x","ratios":[{"name":"a / b","ratio":1.256,"target":"at most 1.20",'\
            '"met":false},{"name":"c / d","ratio":null,"target":null,"met":null}]}'
            """#
        let result = try run(answer)
        #expect(result.status == 0, "\(result.errors)")
        let lines = try home.text(of: "README.md").split(
            separator: "\n", omittingEmptySubsequences: false
        ).map(String.init)
        #expect(lines.prefix(4) == ["# T", "", "<!-- figures: made by .ci/figures -->", ""])
        #expect(lines[4].hasPrefix("Measured on 20"))
        #expect(
            lines.filter { $0 == "| `ship` | a / b | 1.26 | at most 1.20 | missed |" }.count == 1)
        #expect(lines.filter { $0.hasSuffix(" | c / d | - |  |  |") }.count == 3)
        #expect(lines.suffix(5) == ["", "<!-- figures: end -->", "", "Behind it.", ""])
        #expect(!lines.contains("old"))
    }

    @Test(arguments: ["exit 2", "echo nonsense"])
    func `a bench that gives no figures leaves the file as it is`(_ answer: String) throws {
        #expect(try run(answer).status != 0)
        #expect(try home.text(of: "README.md") == Self.before)
    }
}
