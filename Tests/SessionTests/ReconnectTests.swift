import CommandLanguage
import Session
import Testing

/// Catching up after a disconnect: exactly the gap, once.
struct ReconnectTests {
    @Test(arguments: [1, 3, 40])
    func `a partition of k commits is healed by shipping k commits`(_ count: Int) throws {
        try withSession { session in
            session.say("set a 1", "partition r1", "load \(count)")
            #expect(session.fact("commits_behind r1") == "\(count)")
            let gap = try #require(session.fact("byte_lag r1"))
            let lines = session.say("reconnect r1")
            let commits = count == 1 ? "1 commit" : "\(count) commits"
            #expect(lines[0] == "r1 resumed at its own flush LSN 0/100138:")
            #expect(lines[1] == "\(commits), \(gap) bytes shipped, 0 records applied twice")
            #expect(lines.last == "at risk if p dies now: nothing")
            #expect(session.fact("byte_lag r1") == "0")
            #expect(session.fact("link r1") == "whole")
        }
    }

    @Test func `a replica that was down catches up by itself`() throws {
        try withSession { session in
            session.say("crash r1", "set a 1")
            let lines = session.say("restart r1")
            #expect(lines[0].hasPrefix("r1 is up: replayed "))
            #expect(session.fact("value r1 a") == "1")
        }
    }

    @Test func `a healed link delivers what it held`() throws {
        try withSession { session in
            session.say("partition r1", "set a 1")
            #expect(session.fact("value r1 a") == nil)
            #expect(session.say("heal").first == "the link to r1 is whole again")
            #expect(session.fact("value r1 a") == "1")
            #expect(session.say("heal") == ["nothing to heal: the links to r1 and r2 are whole"])
        }
    }
}
