import CommandLanguage
import Session
import Testing

/// `slots`, `slot` and `follow` at the prompt.
struct SlotVerbTests {
    @Test func `slots says who uses each, and for whom the oldest byte is kept`() throws {
        try withSession { session in
            #expect(
                session.say("slots") == [
                    "there is no slot",
                    "p keeps WAL from 0/100000 on, 160 bytes, for its own recovery",
                ])
            session.say("slot create r1", "slot use r1 r1", "slot create old")
            let lines = session.say("slots")
            #expect(lines[1].hasPrefix("old   p     -        0/100028"))
            #expect(lines[2].hasPrefix("r1    p     r1       0/1000A0"))
            #expect(
                lines.last
                    == "nothing limits slot old: WAL piles up until the disk is full")
        }
    }

    @Test func `a slot's verbs answer in JSON`() throws {
        try withSession(replicas: 1) { session in
            #expect(
                session.say("slot create r1 --json")
                    == [#"{"slot":"r1","node":"p","restart_lsn":"0/100028"}"#])
            #expect(
                session.say("slot use r1 r1 --json")
                    == [#"{"replica":"r1","upstream":"p","slot":"r1"}"#])
            let slots = session.say("slots --json")
            #expect(slots.count == 1)
            #expect(
                slots[0].hasPrefix(
                    #"{"nodes":[{"node":"p","slots":[{"name":"r1","temporary":false,"#
                        + #""active":true,"used_by":"r1","restart_lsn":"0/1000A0","#
                        + #""wal_status":"reserved","retained_bytes":0,"safe_wal_size":null}],"#
                        + #""oldest_lsn":"0/100000","kept_lsn":"0/100000","#
                        + #""pinned_by":"checkpoint""#))
            #expect(
                session.say("slot use none r1 --json")
                    == [#"{"replica":"r1","upstream":"p","slot":null}"#])
            #expect(
                session.say("slot drop r1 --json")
                    == [#"{"slot":"r1","node":"p","dropped":true}"#])
        }
    }

    @Test(arguments: [
        ("slot drop nope", "p refused: replication slot \"nope\" does not exist"),
        ("slot create UPPER", "p refused: replication slot name \"UPPER\" contains"),
        ("slot use nope r1", "p has no slot nope"), ("slot use r1", "slot: NODE is missing"),
        ("slot make r1", "slot: 'make' is not create, drop or use"),
        ("slot use r1 p", "p is a primary, and uses nobody's slot"),
        ("follow r1 r1", "r1 cannot follow itself"),
        ("follow r1 p", "r1 follows p already"), ("follow p r1", "p is a primary, and follows"),
        ("config wal_keep_size -1", "-1 MB is outside the valid range (0 .. 2147483647 MB)"),
        ("config max_slot_wal_keep_size big", "max_slot_wal_keep_size cannot be big"),
        ("config max_wal_size 1MB", "1 MB is outside the valid range (2 .. 2147483647 MB)"),
        ("config min_wal_size 1MB", "1 MB is outside the valid range (2 .. 2147483647 MB)"),
    ])
    func `a mistake is said in one line, and what to type in another`(
        line: String, message: String
    ) throws {
        try withSession { session in
            let outcome = session.run(line)
            #expect(outcome.failed)
            #expect(outcome.lines.count == 2)
            #expect(outcome.lines.first?.hasPrefix("error: \(message)") == true, "\(outcome.lines)")
            #expect(outcome.lines.last?.hasPrefix("try: ") == true)
        }
    }

    @Test func `who uses a slot stands in the way of dropping it, by name`() throws {
        try withSession { session in
            session.say("slot create s", "slot use s r2")
            #expect(
                session.say("slot drop s") == [
                    "error: slot s of p is in use by r2 (server error 55006)",
                    "try: slot use none r2",
                ])
            session.say("slot use none r2")
            #expect(session.run("slot drop s").failed == false)
        }
    }

    @Test func `chains show in status, lag and the OK of a write`() throws {
        try withSession { session in
            #expect(
                session.say("follow r2 r1").first == "r2 streams from r1 now, from 0/1000A0")
            #expect(session.say("set a 1") == ["OK lsn=0/100138 (p fsynced; r1 and r2 have it)"])
            #expect(session.say("status").contains("r2 follows r1"))
            #expect(
                session.say("lag").contains("r2 follows r1: sent to replay as r1 believes"))
            #expect(
                session.say("follow r1 r2") == [
                    "error: r1 cannot follow r2, which follows r1", "try: follow r1 p",
                ])
            #expect(session.fact("upstream r2") == "r1")
            #expect(session.fact("upstream p") == "none")
        }
    }

    @Test func `facts of slots can be asked for by goals`() throws {
        try withSession { session in
            #expect(session.fact("slots p") == "0")
            #expect(session.fact("wal_status p r1") == nil)
            session.say("slot create r1", "slot use r1 r1")
            #expect(session.fact("slots p") == "1")
            #expect(session.fact("slot r1") == "r1")
            #expect(session.fact("slot r2") == "none")
            #expect(session.fact("wal_status p r1") == "reserved")
            #expect(session.fact("wal_start p") == "0/100000")
            #expect(session.fact("wal_keep_size") == "0")
            session.say("config wal_keep_size 2MB")
            #expect(session.fact("wal_keep_size") == "2MB")
        }
    }

    @Test func `TAB knows what slot can do, and the slots there are`() throws {
        try withSession { session in
            session.say("slot create archive", "slot create r1")
            func offered(_ line: String) -> [String] {
                session.completion(line: line, cursor: line.utf8.count).candidates
            }
            #expect(offered("slot ").filter { !$0.hasPrefix("-") } == ["create", "drop", "use"])
            #expect(offered("slot use ") == ["archive", "r1"])
            #expect(offered("slot drop a") == ["archive"])
            #expect(offered("slot use r1 ") == ["p", "primary", "r1", "r2"])
            #expect(offered("follow r2 r") == ["r1", "r2"])
        }
    }

    @Test func `a disk with room for so much is full after that`() throws {
        try withSession { session in
            #expect(session.say("disk p room 1") == ["p's disk has room for 1 MB more"])
            #expect(session.say("slots").last == "p's disk is full after 2096992 bytes more")
            #expect(
                session.run("disk p room").lines.first == "error: disk: MB is missing")
            #expect(session.run("disk p room 4 5").failed)
        }
    }
}
