import CommandLanguage
import Session
import Testing

/// Writes of which no client heard what became of them.
struct UnansweredTests {
    private func verdicts(crashAfter stage: String) throws -> [String] {
        try withSession { session in
            session.say("begin", "set a 1", "set a 2", "set b 3", "crash p after=\(stage)")
            session.say("commit", "restart p")
            return session.say("lost").filter { $0.hasPrefix("no answer came") }
        }
    }

    @Test func `a transaction that was durable is there, with what it made of each key last`()
        throws
    {
        #expect(
            try verdicts(crashAfter: "flush") == [
                "no answer came for a = 2, asked of p at 03:00:00.000: p has it",
                "no answer came for b = 3, asked of p at 03:00:00.000: p has it",
            ])
    }

    @Test func `one that went with the memory is not there at all`() throws {
        #expect(
            try verdicts(crashAfter: "insert") == [
                "no answer came for a = 2, asked of p at 03:00:00.000: p does not have it",
                "no answer came for b = 3, asked of p at 03:00:00.000: p does not have it",
            ])
    }

    @Test func `a part of it that another commit did is not taken for it`() throws {
        try withSession { session in
            session.say("set a 1", "begin", "set a 1", "set b 2", "crash p after=insert")
            session.say("commit", "restart p")
            let lines = session.say("lost")
            #expect(lines.filter { $0.hasSuffix("p does not have it") }.count == 2)
        }
    }
}
