import CommandLanguage
import Session
import Testing

/// What the acts of a planned failover say of themselves.
struct PlannedFailoverTests {
    @Test func `a replica whose word cannot arrive has not confirmed`() throws {
        try withSession { session in
            session.say("partition r1 after=0 way=feedback", "set b 1")
            let lines = session.run("stop p --json").lines
            #expect(lines.contains { $0.contains(#""confirmed":["r2"],"unconfirmed":["r1"]"#) })
        }
    }

    @Test func `the old primary is the one that was, whomever the promoted node followed`() throws {
        try withSession { session in
            session.say("follow r2 r1", "stop p")
            let lines = session.run("promote r2 --json").lines
            #expect(lines.contains { $0.contains(#""old_primary":"p""#) })
        }
    }

    @Test func `a base backup takes as long as the clock says`() throws {
        try withSession { session in
            session.say("lag r1 300ms")
            let before = try #require(session.fact("time"))
            let lines = session.say("basebackup r1")
            #expect(before == "03:00:00.000")
            let took = try #require(lines.first { $0.hasPrefix("it took ") })
            let words = took.split(separator: " ")
            #expect(session.prompt.hasPrefix("03:00:01.500"))
            #expect(words[2] == "1.5s")
        }
    }
}
