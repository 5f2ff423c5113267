import Glibc
import TestSupport
import Testing

@testable import Terminal

/// One at a time: libedit keeps the editor whose signals it handles in a global, and catches SIGINT
/// while a line is edited.
@Suite(.serialized)
struct LineEditorTests {
    private static let words = ["pay:1", "pay:2", "promote"]

    private static let offer: @Sendable (String, Int) -> LineEditor.Offer = { line, cursor in
        let typed = String(decoding: line.utf8.prefix(cursor), as: UTF8.self)
        let word = typed.split(separator: " ", omittingEmptySubsequences: false).last ?? ""
        return LineEditor.Offer(
            typed: String(word), candidates: words.filter { $0.hasPrefix(word) })
    }

    @Test func `a line is what was typed, and Enter ends it`() throws {
        let session = try PromptSession()
        #expect(session.result(of: "set pay:7 100\r") == .line("set pay:7 100"))
        #expect(session.result(of: "\r") == .line(""))
        #expect(session.end() == .endOfInput)
    }

    @Test func `TAB completes what is unique and puts a space behind it`() throws {
        let session = try PromptSession(completer: Self.offer)
        #expect(session.result(of: "pr\tr1\r") == .line("promote r1"))
        #expect(session.end() == .endOfInput)
    }

    @Test func `TAB goes as far as all agree, then lists below and keeps the line`() throws {
        let session = try PromptSession(completer: Self.offer)
        session.terminal.type("pa\t\t")
        try session.terminal.wait(for: "pay:1  pay:2\r\n")
        #expect(session.result(of: "2\r") == .line("pay:2"))
        #expect(session.end() == .endOfInput)
    }

    @Test func `TAB with nothing to offer changes nothing`() throws {
        let session = try PromptSession(completer: Self.offer)
        #expect(session.result(of: "zz\t\t\r") == .line("zz"))
        #expect(session.end() == .endOfInput)
    }

    @Test func `TAB replaces wide characters one for one`() throws {
        let session = try PromptSession { line, cursor in
            LineEditor.Offer(typed: line, candidates: line == "日e\u{301}" ? ["日本é:1"] : [])
        }
        #expect(session.result(of: "日e\u{301}\tx\r") == .line("日本é:1 x"))
        #expect(session.end() == .endOfInput)
    }

    @Test func `^C drops the line, says so and never ends the prompt`() throws {
        let session = try PromptSession()
        session.terminal.type("half\u{1}\u{3}")
        try session.terminal.wait(for: "half")
        try session.terminal.wait(for: "^C\r\n")
        #expect(session.next() == .cancelled)
        #expect(session.result(of: "\u{3}") == .cancelled)
        #expect(session.result(of: "ne\r") == .line("ne"))
        #expect(session.end() == .endOfInput)
    }

    @Test func `^D ends the input on an empty line only`() throws {
        let session = try PromptSession()
        #expect(session.result(of: "ab\u{1}\u{4}\r") == .line("b"))
        #expect(session.result(of: "\u{4}") == .endOfInput)
    }

    @Test func `Up brings lines back, without adjacent repeats and lines begun with a space`()
        throws
    {
        let session = try PromptSession()
        for line in ["one", "two", "two", " secret", ""] {
            #expect(session.result(of: line + "\r") == .line(line))
        }
        #expect(session.result(of: "\u{1b}[A\r") == .line("two"))
        #expect(session.result(of: "\u{1b}OA\u{1b}[A\r") == .line("one"))
        #expect(session.end() == .endOfInput)
    }

    @Test func `^R finds a line by a piece with spaces in it`() throws {
        let session = try PromptSession(hinter: { _ in "KEY VALUE" })
        for line in ["set pay:1 10", "set pay:2 20", "status"] {
            #expect(session.result(of: line + "\r") == .line(line))
        }
        #expect(session.result(of: "\u{12}pay:1 1\r") == .line("set pay:1 10"))
        #expect(session.end() == .endOfInput)
    }

    @Test func `an arrow key ends a search and moves`() throws {
        let session = try PromptSession()
        #expect(session.result(of: "abc\r") == .line("abc"))
        #expect(session.result(of: "\u{12}b\u{1b}[C!\r") == .line("ab!c"))
        #expect(session.end() == .endOfInput)
    }

    @Test(arguments: [
        ("bc\u{1b}[1~a\u{1b}[4~d", "abcd"), ("bc\u{1b}OHa\u{1b}OFd", "abcd"),
        ("bc\u{1b}[Ha\u{1b}[Fd", "abcd"), ("xabc\u{1}\u{1b}[3~", "abc"),
        ("aa bb\u{1b}[1;5D,\u{1b}[1;5D+", "+aa ,bb"), ("aa bb\u{1}\u{1b}[1;5C-", "aa- bb"),
        ("aa bb\u{17}c", "aa c"),
    ])
    func `Home, End, Delete and the word keys work whatever TERM says`(
        _ keys: String, _ line: String
    ) throws {
        let session = try PromptSession()
        #expect(session.result(of: keys + "\r") == .line(line))
        #expect(session.end() == .endOfInput)
    }

    @Test(arguments: [
        ("日本\u{7f}", "日"), ("😀😀\u{7f}", "😀"), ("é\u{7f}e", "e"),
        ("日本\u{1b}[D\u{7f}x", "x本"), ("e\u{301}x\u{7f}", "e\u{301}"),
    ])
    func `backspace takes a whole character of UTF-8`(_ keys: String, _ line: String) throws {
        let session = try PromptSession()
        #expect(session.result(of: keys + "\r") == .line(line))
        #expect(session.end() == .endOfInput)
    }

    @Test func `bytes that are no UTF-8 harm nothing`() throws {
        let session = try PromptSession(completer: Self.offer, hinter: { $0 })
        session.terminal.type(bytes: [0x61, 0xFF, 0xC3, 0x28, 0x62, 0x09, 0x0D])
        guard case .line(let line) = session.next() else {
            Issue.record("no line")
            return
        }
        #expect(line.hasPrefix("a"))
        #expect(session.end() == .endOfInput)
    }

    @Test func `a long line and a paste of many lines arrive whole`() throws {
        let session = try PromptSession(hinter: { _ in "HINT" })
        let long = String(repeating: "0123456789", count: 300)
        #expect(session.result(of: long + "\r") == .line(long))
        session.terminal.type("a\nb\rc\n")
        #expect(
            [session.next(), session.next(), session.next()] == [
                .line("a"), .line("b"), .line("c"),
            ])
        #expect(session.end() == .endOfInput)
    }

    @Test func `the hint is dim, follows the line word by word and is gone from an accepted line`()
        throws
    {
        let session = try PromptSession(hinter: { $0 == "set " ? "KEY VALUE" : "" })
        session.terminal.type("set ")
        try session.terminal.wait(for: "\u{1b}[2m KEY VALUE\u{1b}[22m")
        session.terminal.type("\r")
        // The rest of the row is cleared before the line ends.
        try session.terminal.wait(for: "\u{1b}[K")
        try session.terminal.wait(for: "\r\n")
        #expect(session.next() == .line("set "))
        #expect(session.end() == .endOfInput)
    }

    @Test func `a prompt that is not ASCII is shown with question marks`() throws {
        let terminal = try PseudoTerminal()
        let editor = try LineEditor(
            input: terminal.slave, output: terminal.slave, terminal: "xterm",
            readsUserSettings: false,
            history: HistoryFile(path: nil), usesColor: false, completer: nil, hinter: nil)
        editor.setPrompt("日 \u{1b}> ")
        terminal.type("x\r")
        #expect(editor.readLine() == .line("x"))
        try terminal.wait(for: "? ?> ")
    }

    @Test func `an interrupt is a flag that is taken once`() {
        // A test run in the background has SIGINT ignored, and the flag respects that; the threads
        // tests run on have signals blocked.
        signal(SIGINT, SIG_DFL)
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        #expect(InterruptFlag.install() == 0)
        _ = InterruptFlag.take()
        #expect(!InterruptFlag.isRaised)
        raise(SIGINT)
        #expect(InterruptFlag.isRaised)
        #expect(InterruptFlag.take())
        #expect(!InterruptFlag.take())
    }

    @Test func `an accepted line is in the history file at once, and in the next session`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/state/history"
        let session = try PromptSession(historyPath: path)
        #expect(session.result(of: "set 日本 1\r") == .line("set 日本 1"))
        #expect(try folder.text(of: "state/history") == "set 日本 1\n")
        #expect(session.end() == .endOfInput)
        let next = try PromptSession(historyPath: path)
        #expect(next.result(of: "\u{1b}[A\r") == .line("set 日本 1"))
        #expect(next.end() == .endOfInput)
    }
}
