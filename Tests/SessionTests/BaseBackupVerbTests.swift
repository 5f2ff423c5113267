import CommandLanguage
import Session
import Testing

/// `basebackup`, as a learner reads it.
struct BaseBackupVerbTests {
    @Test func `the reply says from where, from which position, how much, and to which`() throws {
        try withSession { session in
            session.say("load 3")
            let lines = session.say("basebackup r1")
            #expect(
                Array(lines.prefix(5)) == [
                    "r1 was emptied and filled anew",
                    "base backup of p: checkpoint 0/100270, redo LSN 0/100238, timeline 1",
                    "received 5 files, 16698 bytes, and 1 file of WAL, 1048576 bytes; "
                        + "every checksum is right",
                    "replayed 3 records from 0/100238 to 0/100310; "
                        + "consistent since the backup's end at 0/100310",
                    "r1 streams from p",
                ])
            #expect(lines.last == "at risk if p dies now: nothing")
            #expect(
                session.say("wal").last?.hasSuffix("END OF BACKUP that began at 0/100238") == true)
            #expect(session.fact("diff p r1") == "identical")
            #expect(session.fact("commits_behind r1") == "0")
        }
    }

    @Test func `an old primary rejoins, and the ledger stays as it is`() throws {
        try withSession { session in
            session.say("lag r1 800ms", "load 12 every 66ms", "crash p", "promote r1")
            let lost = session.fact("lost")
            #expect(lost != "0")
            session.say("restart p")
            let lines = session.say("basebackup p from r1")
            #expect(lines.contains("p streams from r1"))
            #expect(session.fact("role p") == "replica")
            #expect(session.fact("state p") == "streaming")
            #expect(session.fact("diff p r1") == "identical")
            #expect(session.fact("lost") == lost)
            session.say("basebackup r2")
            #expect(session.fact("state r2") == "streaming")
            #expect(session.fact("lost") == lost)
        }
    }

    @Test func `with --no-wait it goes on as time passes, and status says how far it is`() throws {
        try withSession { session in
            session.say("load 1500")
            let lines = session.say("basebackup r1 rate 256 --no-wait")
            #expect(lines[0].hasPrefix("r1 receives a base backup from p: "))
            let state = try #require(session.fact("state r1"))
            #expect(state.hasPrefix("backup ") && state.hasSuffix("%"))
            session.say("wait 3s")
            #expect(session.fact("state r1") == "backup WAL")
            #expect(
                session.say("restart r1") == [
                    "error: r1 is receiving a base backup from p",
                    "try: wait 1s, or crash r1 to give it up",
                ])
            let later = session.say("wait 1m")
            #expect(later.contains { $0.contains("r1: its base backup from p is complete at 0/") })
            #expect(session.fact("state r1") == "streaming")
        }
    }

    @Test func `a backup that breaks off says what is left, and what to type`() throws {
        try withSession { session in
            session.say("basebackup r1 rate 256 --no-wait", "wait 1s")
            let lines = session.say("crash p")
            #expect(
                lines.contains(
                    "03:00:01.000 r1: lost its connection to p in the middle of its base backup; "
                        + "it is left empty"))
            #expect(
                session.say("restart r1") == [
                    "error: r1 cannot be opened: it holds an incomplete base backup of p",
                    "try: basebackup r1 from r2",
                ])
            session.say("basebackup r1 from r2 rate 256 --no-wait")
            #expect(
                session.say("crash r1")[0] == "r1 lost power in the middle of its base backup")
            #expect(
                session.say("restart r1")[0]
                    == "error: r1 cannot be opened: it holds an incomplete base backup of r2")
        }
    }

    @Test func `over a cut wire it gives up, and offers to heal`() throws {
        try withSession { session in
            session.say("partition r1")
            #expect(
                session.say("basebackup r1").suffix(2) == [
                    "error: r1 heard nothing from p for 1m and gave its base backup up "
                        + "(wal_receiver_timeout); r1 is stopped, its files as they were",
                    "try: heal r1; basebackup r1 from p",
                ])
            session.say("heal r1; basebackup r1 from p")
            #expect(session.fact("state r1") == "streaming")
        }
    }

    @Test func `what may not be is refused in two lines`() throws {
        try withSession { session in
            #expect(
                session.say("basebackup p from r1") == [
                    "error: p is the primary; a base backup would take the data of all away",
                    "try: basebackup r1",
                ])
            #expect(
                session.say("basebackup r1 from r1") == [
                    "error: r1 cannot be filled from itself", "try: basebackup r1",
                ])
            session.say("basebackup r2 from r1")
            #expect(
                session.say("basebackup r1 from r2") == [
                    "error: r2 follows r1: they would follow each other", "try: basebackup r1",
                ])
            session.say("crash r2")
            #expect(
                session.say("basebackup r1 from r2") == [
                    "error: r2 is down (crashed)", "try: basebackup r1",
                ])
            session.say("crash p")
            #expect(
                session.say("basebackup p from r1") == [
                    "error: p is the primary, and nobody has taken over from it yet",
                    "try: promote r1; basebackup p",
                ])
            #expect(session.run("basebackup r1 rate 3").failed)
            #expect(session.run("basebackup").failed)
        }
    }

    @Test func `a diverged replica is told which command heals it`() throws {
        try withSession { session in
            session.say("lag r1 800ms", "load 3", "crash p", "promote r1")
            let lines = session.say("reconnect r2")
            #expect(lines.last == "try: basebackup r2, which takes from it what only it has")
        }
    }

    @Test func `TAB offers nodes, words and the flag`() throws {
        try withSession { session in
            func offers(_ line: String) -> [String] {
                session.completion(line: line, cursor: line.utf8.count).candidates
            }
            #expect(offers("basebackup ") == ["--no-wait", "from", "r1", "r2", "rate"])
            #expect(offers("basebackup r1 ") == ["--no-wait", "from", "rate"])
            #expect(offers("basebackup r1 from ") == ["p", "primary", "r1", "r2"])
        }
    }
}
