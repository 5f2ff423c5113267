import CommandLanguage
import Session
import Testing

/// Checkpoints, vacuum, and disks that fail.
struct StorageVerbTests {
    @Test func `a checkpoint moves the place where recovery begins`() throws {
        try withSession { session in
            session.say("load 5")
            let lines = session.say("checkpoint")
            #expect(lines[0] == "checkpoint on p: 1 page written")
            #expect(lines[1].hasPrefix("recovery of p would begin at 0/"))
            #expect(lines.last == "at risk if p dies now: nothing")
            session.say("crash p")
            #expect(
                session.say("restart p")[0].hasPrefix("p is up: replayed 2 records of its own WAL"))
        }
    }

    @Test func `a replica takes a restartpoint, once a checkpoint has come to it`() throws {
        try withSession { session in
            session.say("set a 1")
            #expect(
                session.say("checkpoint r1") == [
                    "nothing to do: r1 has replayed no checkpoint since the last time",
                    "recovery of r1 would begin at 0/100028",
                ])
            session.say("checkpoint")
            #expect(session.say("checkpoint r1")[0] == "restartpoint on r1: 1 page written")
        }
    }

    @Test func `vacuum prunes what updates, deletes and rollbacks leave`() throws {
        try withSession { session in
            session.say("set a 1", "set a 2", "set b 3", "delete b", "begin; set c 4; rollback")
            #expect(
                session.say("vacuum")[0].hasPrefix(
                    "vacuum on p: 3 dead row versions pruned from 1 page, "))
            #expect(session.say("vacuum") == ["vacuum on p: no dead row version on 1 page"])
            #expect(session.fact("value r1 a") == "2")
            #expect(session.fact("byte_lag r1") == "0")
        }
    }

    @Test func `full_page_writes can be turned off and on, and the log says so`() throws {
        try withSession { session in
            let off = session.say("config full_page_writes off")
            #expect(
                off[0]
                    == "full_page_writes is off: a page torn by a crash cannot be repaired any more"
            )
            session.say("set a 1")
            #expect(
                !session.say("wal").contains { $0.contains("full image") && $0.contains(" new") })
            session.say("config full_page_writes on")
            let said = session.say("wal").filter { $0.contains("full_page_writes") }
            #expect(said.map { $0.suffix(20) } == ["full_page_writes off", " full_page_writes on"])
        }
    }

    @Test func `after a failed fsync the node acknowledges nothing, until it is restarted`() throws
    {
        try withSession { session in
            session.say("set a 1")
            #expect(session.say("disk p eio") == ["p's next fsync will fail"])
            let failed = session.run("set b 2")
            #expect(failed.failed)
            #expect(failed.lines.contains { $0.contains("p: its disk failed: cannot fdatasync") })
            #expect(session.fact("state p") == "failed")
            #expect(session.fact("value p a") == "1")
            let refused = session.run("set c 3").lines
            #expect(refused.first?.hasSuffix("(server error 58030)") == true)
            #expect(refused.last == "try: promote r1, or crash p; restart p")
            #expect(
                session.say("disk p ok")[0]
                    == "p's disk works again, but nobody knows what it holds: restart p")
            #expect(session.run("set c 3").failed)
            session.say("crash p; restart p")
            #expect(session.fact("state p") == "up")
            #expect(session.fact("acknowledged") == "1")
            #expect(!session.run("set c 3").failed)
        }
    }

    @Test func `a full disk refuses writes when the log needs room, and serves reads`() throws {
        try withSession { session in
            session.say("set a 1")
            #expect(
                session.say("disk p full") == [
                    "p's disk is full: no file can grow until 'disk p ok'"
                ])
            let load = session.run("load 10000")
            #expect(load.failed)
            #expect(load.lines.contains { $0.contains(" p: its disk is full") })
            #expect(
                session.run("set b 2").lines.last
                    == "try: slots, to see who keeps its WAL; or disk p ok")
            #expect(session.fact("value p a") == "1")
            #expect(session.fact("state p") == "full")
            #expect(session.say("disk p ok")[0] == "p's disk works")
            #expect(!session.run("set b 2").failed)
            #expect(session.fact("lost") == "0")
        }
    }

    // Damage.

    @Test func `a torn last record is cut off, and its commit is missed`() throws {
        try withSession { session in
            session.say("set a 1", "set b 2", "crash p")
            let lines = session.say("damage p torn")
            #expect(
                lines[0].hasPrefix("the last ") && lines[0].hasSuffix(" bytes of p's log are gone:")
            )
            #expect(lines[1].hasPrefix("pg_wal/000000010000000000000001 from byte "))
            #expect(lines[2] == "'restart p' shows what recovery makes of it")
            let restart = session.say("restart p")
            #expect(restart[1].hasSuffix(", was there in part: cut off"))
            #expect(session.fact("value p a") == "1")
            #expect(session.fact("value p b") == nil)
            #expect(session.fact("lost") == "1")
        }
    }

    @Test func `a flipped bit in the last record ends the log, in an earlier one it ends the node`()
        throws
    {
        try withSession { session in
            session.say("set a 1", "set b 2", "crash p", "damage p wal 0/100198")
            #expect(session.say("restart p")[1].hasSuffix(", has a wrong checksum: cut off"))
        }
        try withSession { session in
            session.say("set a 1", "set b 2", "crash p")
            #expect(
                session.say("damage p wal 0/1000B0").prefix(2) == [
                    "one bit of p's log at 0/1000B0 is flipped:",
                    "pg_wal/000000010000000000000001, byte 176",
                ])
            let restart = session.run("restart p")
            #expect(
                restart.lines[0].hasPrefix("error: p cannot be opened: WAL is corrupt at 0/1000A0"))
            #expect(restart.lines[1] == "try: promote r1")
        }
    }

    @Test func `a flipped bit of a page is told by its checksum`() throws {
        try withSession { session in
            session.say("set a 1", "checkpoint", "crash p")
            #expect(
                session.say("damage p page 0 8190").prefix(2) == [
                    "one bit of page 0 of p's table is flipped:", "base/5/16384, byte 8190",
                ])
            let restart = session.run("restart p")
            #expect(restart.lines[0].contains("page 0 of the table is torn or damaged: checksum"))
            #expect(restart.lines[1] == "try: promote r1")
        }
    }

    @Test func `an image in the log restores a damaged page`() throws {
        try withSession { session in
            session.say("set a 1", "checkpoint", "set a 2", "crash p", "damage p page 0 8190")
            let restart = session.say("restart p")
            #expect(restart.contains("page 0 was torn: its image in the log restored it"))
            #expect(session.fact("value p a") == "2")
        }
    }
}
