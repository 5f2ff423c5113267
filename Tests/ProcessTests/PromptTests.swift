import Glibc
import TestSupport
import Testing
import WireProtocol

/// The program in a terminal, as a person uses it.
@Suite(.serialized)
struct PromptTests {
    private let home: Home

    init() throws {
        home = try Home()
    }

    @Test func `a greeting and a prompt come up, and ^D leaves`() throws {
        let run = try TerminalRun(in: home)
        #expect(try run.waitForPrompt().contains("\r\n"))
        run.type("\u{4}")
        #expect(try run.child.wait() == 0)
        #expect(run.isInOrdinaryState)
        #expect(home.leftovers.isEmpty)
    }

    @Test func `--quiet has no greeting`() throws {
        let run = try TerminalRun("--quiet", in: home)
        #expect(try run.waitForPrompt().contains("\r\n") == false)
        run.type("quit\r")
        #expect(try run.child.wait() == 0)
    }

    @Test func `a command is answered, a blank line is not`() throws {
        let run = try TerminalRun("--quiet", in: home)
        try run.waitForPrompt()
        run.type("set pay:1 1234\r")
        try run.waitForPrompt()
        run.type("  \r")
        try run.waitForPrompt()
        run.type("get pay:1\r")
        try run.wait(for: "1234")
        try run.waitForPrompt()
        run.type("bogus\r")
        try run.wait(for: "unknown command 'bogus'")
        try run.waitForPrompt()
        run.type("\u{4}")
        #expect(try run.child.wait() == 0)
    }

    @Test func `a load that takes long shows how far it is, and takes that away again`() throws {
        let run = try TerminalRun("--quiet", in: home)
        try run.waitForPrompt()
        run.type("load 1000000\r")
        try run.wait(for: " of 1000000 commits, ")
        try run.wait(for: " a second")
        run.type("\u{3}")
        let shown = try run.wait(for: " interrupted at 03:00:00.000: ")
        // Blanks over what was shown, from the line's beginning to its end.
        #expect(shown.contains("\r" + String(repeating: " ", count: 30)))
        try run.wait(for: " of 1000000 commits acknowledged")
        try run.waitForPrompt()
        // A short one shows nothing of the kind.
        run.type("load 3 as x\r")
        #expect(try run.wait(for: "3 commits acknowledged").contains("a second") == false)
        // Before the prompt is there the key would be the terminal's, which then forgets it.
        try run.waitForPrompt()
        run.type("\u{4}")
        #expect(try run.child.wait() == 0)
    }

    @Test func `TAB completes a verb and the beginning of a verb will do`() throws {
        let run = try TerminalRun("--quiet", in: home)
        try run.waitForPrompt()
        // Without TAB there is no help on half a word.
        run.type("help prom\t\r")
        try run.wait(for: "see also:")
        try run.waitForPrompt()
        run.type("stat\r")
        #expect(try run.waitForPrompt().contains("error:") == false)
        run.type("\u{4}")
        #expect(try run.child.wait() == 0)
    }

    @Test func `what outside programs did is said before the next prompt`() throws {
        let run = try TerminalRun("--quiet", in: home)
        try run.waitForPrompt()
        run.type("connect\r")
        let addresses = try run.waitForPrompt()
        let words = addresses.split(whereSeparator: \.isWhitespace)
        let host = try #require(words.firstIndex(of: "127.0.0.1"))
        let port = try #require(Int(words[host + 1]))
        let socket = try #require(loopbackSocket(to: port))
        defer { close(socket) }
        let insert = "INSERT INTO kv VALUES ('a', '1')"
        let bytes =
            FrontendMessage.startup(StartupMessage(user: "me", database: "x")).encoded()
            + FrontendMessage.query(insert).encoded()
        #expect(send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
        var answer: [UInt8] = []
        while !String(decoding: answer, as: UTF8.self).contains("INSERT 0 1") {
            let piece = Descriptors.read(socket)
            try #require(!piece.isEmpty)
            answer += piece
        }
        run.type("get a\r")
        try run.wait(for: "outside programs: 1 connection, 1 statement, 1 changed row")
        try run.waitForPrompt()
        run.type("get a\r")
        #expect(try run.waitForPrompt().contains("outside programs") == false)
        run.type("quit\r")
        #expect(try run.child.wait() == 0)
    }

    @Test func `Up brings lines back, also those of another session`() throws {
        let first = try TerminalRun("--quiet", in: home)
        try first.waitForPrompt()
        first.type("set a 17\r")
        try first.waitForPrompt()
        first.type("\u{4}")
        #expect(try first.child.wait() == 0)
        #expect(try home.text(of: "history") == "set a 17\n")

        let second = try TerminalRun("--quiet", in: home)
        try second.waitForPrompt()
        second.type("\u{1b}[A")
        try second.wait(for: "set a 17")
        second.type("\r")
        try second.waitForPrompt()
        second.type("get a\r")
        try second.wait(for: "17")
        try second.waitForPrompt()
        second.type("\u{4}")
        #expect(try second.child.wait() == 0)
    }

    @Test func `^C at the prompt drops the line and nothing else`() throws {
        let run = try TerminalRun("--quiet", in: home)
        try run.waitForPrompt()
        run.type("set a 4711\r")
        try run.waitForPrompt()
        run.type("set a 0\u{3}")
        try run.wait(for: "^C\r\n")
        try run.waitForPrompt()
        // From elsewhere it does no more.
        run.child.send(SIGINT)
        run.type("get a\r")
        try run.wait(for: "4711")
        try run.waitForPrompt()
        run.type("\u{4}")
        #expect(try run.child.wait() == 0)
    }

    @Test func `^C ends a long command, and the lab goes on`() throws {
        let run = try TerminalRun("--quiet", in: home)
        try run.waitForPrompt()
        run.type("load 1000000 every 1ms\r")
        try run.wait(for: "\r\n")
        try run.press("\u{3}", until: "> ")
        run.type("set a 99\r")
        try run.waitForPrompt()
        run.type("get a\r")
        try run.wait(for: "99")
        try run.waitForPrompt()
        run.type("\u{4}")
        #expect(try run.child.wait() == 0)
        #expect(home.leftovers.isEmpty)
    }

    @Test func `^C ends the reading of a server's log, and the lab goes on`() throws {
        let run = try TerminalRun("--quiet", in: home)
        try run.waitForPrompt()
        run.type("connect\r")
        try run.wait(for: "p     127.0.0.1  ")
        let port = try run.wait(for: " ")
        try run.waitForPrompt()
        run.type("tail port=\(port) from=0/100028\r")
        try run.wait(for: "0/100028      XLOG ")
        try run.press("\u{3}", until: "read to 0/1000A0")
        try run.waitForPrompt()
        run.type("set a 99\r")
        try run.wait(for: "OK lsn=")
        try run.waitForPrompt()
        run.type("\u{4}")
        #expect(try run.child.wait() == 0)
        #expect(home.leftovers.isEmpty)
    }

    @Test func `SIGTERM at the prompt closes the lab and gives the terminal back`() throws {
        let run = try TerminalRun("--quiet", in: home)
        try run.waitForPrompt()
        #expect(!run.isInOrdinaryState)
        run.type("halfaline")
        try run.wait(for: "halfaline")
        run.child.send(SIGTERM)
        #expect(try run.child.wait() == 143)
        #expect(run.isInOrdinaryState)
        #expect(home.leftovers.isEmpty)
    }

    @Test func `a terminal that goes away takes the lab with it, not the history`() throws {
        let run = try TerminalRun("--quiet", in: home)
        try run.waitForPrompt()
        run.type("set a 1\r")
        try run.waitForPrompt()
        run.hangUp()
        // The end of input and the signal come together; either may be seen first.
        let status = try run.child.wait()
        #expect([0, 129].contains(status))
        #expect(home.leftovers.isEmpty)
        #expect(try home.text(of: "history") == "set a 1\n")
    }

    @Test func `errors are red where colours are wanted, and never only red`() throws {
        for (variables, isColored) in [([:], true), (["NO_COLOR": "1"], false)] {
            let run = try TerminalRun("--quiet", in: home, variables: variables)
            try run.waitForPrompt()
            run.type("bogus\r")
            let shown = try run.wait(for: "unknown command")
            #expect(shown.contains("error:"))
            #expect(shown.contains("\u{1b}[1;31m") == isColored)
            run.type("quit\r")
            #expect(try run.child.wait() == 0)
        }
    }

    @Test func `with -c in a terminal nobody is asked`() throws {
        let run = try TerminalRun("-c", "set a 31", "-c", "get a", in: home)
        try run.wait(for: "31\r\n")
        #expect(try run.child.wait() == 0)
    }
}
