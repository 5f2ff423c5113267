import Glibc
import Testing

@testable import Terminal

struct TerminalPolicyTests {
    @Test(
        arguments: [
            (ColorPolicy.always, ["NO_COLOR": "1"], false, true),
            (.never, ["CLICOLOR_FORCE": "1"], true, false),
            (.automatic, [:], true, true), (.automatic, [:], false, false),
            (.automatic, ["NO_COLOR": "1", "CLICOLOR_FORCE": "1"], true, false),
            (.automatic, ["NO_COLOR": ""], true, true),
            (.automatic, ["CLICOLOR_FORCE": "1"], false, true),
            (.automatic, ["CLICOLOR_FORCE": "0"], false, false),
            (.automatic, ["TERM": "dumb"], true, false),
        ] as [(ColorPolicy, [String: String], Bool, Bool)])
    func `colour is decided by flag, NO_COLOR, CLICOLOR_FORCE, terminal, in this order`(
        _ policy: ColorPolicy, _ variables: [String: String], _ isTerminal: Bool, _ expected: Bool
    ) {
        #expect(policy.usesColor(isTerminal: isTerminal) { variables[$0] } == expected)
    }

    @Test func `a terminal tells its width, within bounds, anything else is 80 wide`() throws {
        let terminal = try PseudoTerminal()
        #expect(TerminalSize.columns(of: terminal.slave) == 80)
        for (columns, expected) in [(100, 100), (10, 40), (500, 200)] {
            var size = winsize(ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
            _ = ioctl(terminal.slave, UInt(TIOCSWINSZ), &size)
            #expect(TerminalSize.columns(of: terminal.slave) == expected)
        }
        #expect(TerminalSize.columns(of: -1) == 80)
    }

    @Test func `candidates are listed in columns, downwards, many are counted`() {
        #expect(CandidateList.lines(["a", "b", "c"], columns: 80) == ["a  b  c"])
        #expect(
            CandidateList.lines(["aa", "b", "c", "d", "e"], columns: 10) == ["aa  d", "b   e", "c"])
        #expect(CandidateList.lines(["a\u{1b}[2J"], columns: 2) == ["a?[2J"])
        let many = CandidateList.lines((1...130).map(String.init), columns: 80)
        #expect(many.last == "... 30 more")
    }

    @Test func `TAB completes, goes on or lists, one of the three`() {
        func choice(_ typed: String, _ candidates: [String]) -> CompletionChoice {
            CompletionChoice(LineEditor.Offer(typed: typed, candidates: candidates))
        }
        #expect(choice("p", []).replacement == nil)
        #expect(choice("p", ["promote"]).replacement == "promote ")
        #expect(choice("p", ["pay:1", "pay:2"]).replacement == "pay:")
        #expect(choice("pay:", ["pay:1", "pay:2"]).listed == ["pay:1", "pay:2"])
        #expect(choice("two", ["'two a'", "'two b'"]).replacement == "'two ")
    }
}
