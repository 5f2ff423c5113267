import TestSupport
import Testing

@testable import Terminal

struct HistoryFileTests {
    @Test func `the file is private, made with its folders, one line a line`() throws {
        let folder = try TemporaryFolder()
        let history = HistoryFile(path: folder.path + "/a/b/history")
        #expect(history.problem == nil)
        for line in ["one", "two", "two", " hidden", "", "a\nb", "one"] { history.append(line) }
        #expect(try folder.text(of: "a/b/history") == "one\ntwo\none\n")
        #expect(try folder.permissions(of: "a/b/history") == 0o600)
        #expect(try folder.permissions(of: "a/b") == 0o700)
    }

    @Test func `a thousand lines are kept, the oldest go when a lab starts`() throws {
        let folder = try TemporaryFolder()
        let lines = (1...1500).map { "set k \($0)" }
        try folder.write(lines.joined(separator: "\n") + "\n", to: "history")
        let history = HistoryFile(path: folder.path + "/history")
        #expect(history.lines() == Array(lines.suffix(1000)))
        #expect(try folder.text(of: "history").split(separator: "\n").count == 1000)
        #expect(try folder.permissions(of: "history") == 0o600)
    }

    @Test func `labs that share the file lose none of each other's lines`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/history"
        let first = HistoryFile(path: path)
        first.append("first")
        try folder.write((1...1200).map { "\($0)\n" }.joined(), to: "history")
        let second = HistoryFile(path: path)
        first.append("after the second began")
        second.append("and the second's own")
        let lines = HistoryFile(path: path).lines()
        #expect(lines.suffix(2) == ["after the second began", "and the second's own"])
    }

    @Test func `bytes that are no text are repaired, a cut last line is a line`() throws {
        let folder = try TemporaryFolder()
        try folder.write("a\n\u{0}\n\nlast", to: "history")
        #expect(HistoryFile(path: folder.path + "/history").lines() == ["a", "last"])
    }

    @Test func `a file that cannot be is told once and never in the way`() throws {
        let history = HistoryFile(path: "/dev/null/history")
        #expect(history.problem == "history is not kept: /dev/null/history: Not a directory")
        history.append("line")
        #expect(history.lines().isEmpty)
    }

    @Test(
        arguments: [
            (["SHIPLOG_HISTORY": "/x", "HOME": "/h"], "/x"),
            (["SHIPLOG_HISTORY": "", "HOME": "/h"], nil),
            (["XDG_STATE_HOME": "/s", "HOME": "/h"], "/s/shiplog/history"),
            (["XDG_STATE_HOME": "relative", "HOME": "/h"], "/h/.local/state/shiplog/history"),
            (["HOME": "/h"], "/h/.local/state/shiplog/history"), ([:], nil),
        ] as [([String: String], String?)])
    func `the environment says where history is kept`(
        _ variables: [String: String], _ path: String?
    ) {
        #expect(HistoryFile.path { variables[$0] } == path)
    }
}
