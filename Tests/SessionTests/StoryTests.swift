import CommandLanguage
import Session
import Testing

/// The chapter's opening, as a student types it.
struct StoryTests {
    private func story(lag: String, end: String = "crash primary") throws -> [String] {
        try withSession { session in
            session.say("lag r1 \(lag); lag r2 \(lag)", "load 45 every 1s/15 as pay", end)
            return session.say("promote r1")
        }
    }

    @Test func `800 ms of lag at 15 commits a second lose twelve, each by name`() throws {
        let lines = try story(lag: "800ms")
        let heading = try #require(lines.firstIndex(of: "12 acknowledged commits are lost:"))
        #expect(
            lines[heading...].dropFirst().prefix(2) == [
                "lsn       key     value  acked at      reached",
                "0/1011B8  pay:34  34     03:00:02.200  sent to r1 and r2",
            ])
        #expect(
            lines.suffix(3) == [
                "0/101738  pay:45  45     03:00:02.933  sent to r1 and r2",
                "lost 12 of 45 acknowledged commits, confirmed from 03:00:02.200 to 03:00:02.933",
                "the disk of p still holds all 12 of them",
            ])
    }

    private static let loaded = """
        45 commits acknowledged, 03:00:00.000 to 03:00:02.933, lsn 0/100138 to 0/101738
        node  role     state      tli  insert    flush     write     replay    commits
        p     primary  up           1  0/101738  0/101738  -         -              45
        r1    replica  streaming    1  -         0/101138  0/101138  0/101138       33
        r2    replica  streaming    1  -         0/1014B8  0/1014B8  0/1014B8       40
        r1 is 12 commits behind p (1536 bytes, 733ms)
        r2 is 5 commits behind p (640 bytes, 266ms)
        at risk if p dies now: 5 commits if r2 is promoted, 12 if r1
        """

    @Test func `before the crash it says what is at risk, and after it what a promotion costs`()
        throws
    {
        try withSession { session in
            session.say("lag r1 800ms", "lag r2 300ms")
            let load = session.say("load 45 every 1s/15 as pay").joined(separator: "\n")
            #expect(load == Self.loaded)
            let crash = session.say("crash p")
            #expect(crash.first == "p lost power; its disk holds WAL up to 0/101738")
            #expect(crash.contains("1536 bytes of WAL on the wire to r1 died with it"))
            #expect(
                crash.last == "lost if p stays down: 5 commits if r2 is promoted, 12 if r1")
            #expect(session.prompt == "03:00:02.933 p (crashed)> ")
        }
    }

    @Test func `a payment confirmed 400 ms before the end is not on the new primary`() throws {
        try withSession { session in
            session.say("lag r1 800ms", "load 45 every 1s/15 as pay", "crash primary", "promote r1")
            let outcome = session.run("get pay:39")
            #expect(!outcome.failed)
            #expect(outcome.lines.count == 1)
            #expect(outcome.lines[0].hasPrefix("(no such key on r1 at 0/"))
            #expect(session.say("get pay:33") == ["33"])
        }
    }

    @Test func `without lag nothing is lost`() throws {
        #expect(try story(lag: "0").last == "0 acknowledged commits lost (45 of 45 are on r1)")
    }

    @Test func `a clean stop loses nothing, whatever the lag`() throws {
        let lines = try story(lag: "800ms", end: "stop primary")
        #expect(lines.last == "0 acknowledged commits lost (45 of 45 are on r1)")
    }

    @Test func `10,000 commits a second and 800 ms of lag lose 8000, shown by their ends`() throws {
        try withSession(replicas: 1) { session in
            session.say("lag r1 800ms", "load 10000 every 100us", "crash primary")
            let lines = session.say("promote r1")
            let heading = try #require(lines.firstIndex(of: "8000 acknowledged commits are lost:"))
            #expect(lines[heading + 2].contains("k:2001 "))
            #expect(lines[heading + 12] == "... 7980 more ...")
            #expect(lines.contains { $0.hasPrefix("lost 8000 of 10000 acknowledged commits") })
            #expect(session.fact("lost") == "8000")
        }
    }

    @Test func `a replica that is ahead of the new primary is told plainly`() throws {
        try withSession { session in
            session.say("partition r2", "set pay:1 100", "crash p")
            let lines = session.say("promote r2")
            #expect(
                lines.contains(
                    "r1 cannot follow r2: it has WAL to 0/100140, past the fork at 0/1000A0"))
            #expect(lines.contains { $0.hasSuffix("  received by r1") })
            #expect(
                session.run("reconnect r1").lines.first
                    == "error: r1 cannot follow r2: it has WAL to 0/100140, "
                    + "past the fork at 0/1000A0")
            #expect(session.fact("state r1") == "diverged")
            #expect(session.fact("commits_behind r1") == nil)
        }
    }

    @Test func `an old primary that comes back is called the second one`() throws {
        try withSession { session in
            session.say("set a 1", "crash p", "promote r1")
            let warning = "warning: two primaries: p still takes writes that r1 will never have"
            #expect(session.say("restart p").contains(warning))
            #expect(session.say("status").contains(warning))
            #expect(
                session.say("set p b 2").first?.hasSuffix("(p fsynced; no replica follows p)")
                    == true)
        }
    }
}
