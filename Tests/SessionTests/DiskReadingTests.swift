import CommandLanguage
import Session
import Testing

/// `get --disk`, and what the ledger says of disks.
struct DiskReadingTests {
    @Test func `the files of a node that is down are read as a restart would find them`() throws {
        try withSession { session in
            session.say("lag r1 1s", "set a 1", "set b 2", "delete b", "begin", "set c 3")
            session.say("crash p")
            #expect(session.say("get p a --disk") == ["1"])
            #expect(
                session.say("get p b --disk").first?.hasPrefix("(no such key on the disk") == true)
            #expect(
                session.say("get p c --disk").first?.hasPrefix("(no such key on the disk") == true)
            session.say("restart p")
            #expect(session.say("get p a") == ["1"])
        }
    }

    @Test func `advice names a node that has the row, or the disk`() throws {
        try withSession { session in
            session.say("lag r1 1s", "set a 1", "crash p")
            #expect(session.say("get p a").last == "try: get r2 a")
            session.say("promote r1")
            session.say("crash r2")
            #expect(session.say("get p a").last == "try: get p a --disk")
        }
    }

    @Test func `a node that is up, or that holds half a backup, is refused`() throws {
        try withSession { session in
            session.say("set a 1")
            #expect(session.run("get p a --disk").failed)
            #expect(session.say("get p a --disk").last == "try: get p a")
            session.say("basebackup r1 rate 32 --no-wait", "crash r1")
            let refusal = session.run("get r1 a --disk")
            #expect(refusal.failed && refusal.lines[0].contains("incomplete base backup"))
        }
    }

    @Test func `a value that was overwritten since is in the log alone`() throws {
        try withSession { session in
            session.say("lag r1 1s; lag r2 1s", "set a 1", "set a 2", "crash p")
            #expect(
                session.say("promote r1").last
                    == "the disk of p still holds 1 of them, and 1 more in its log alone")
            let records = session.run("lost --json").lines[0]
            #expect(records.contains(#""value":"1","acked_at":"03:00:00.000""#))
            #expect(records.contains(#""on_disks":["p"],"in_tables":[],"#))
            #expect(records.contains(#""on_disks":["p"],"in_tables":["p"],"#))
        }
    }

    @Test func `a table holds what the log in front of it has forgotten`() throws {
        try withSession { session in
            session.say("stop r1", "set k 1", "load 150 of 7000", "stop p", "promote r2")
            session.say("basebackup p", "restart r1")
            let lines = session.say("promote r1")
            #expect(lines.contains("the disk of p still holds all 151 of them"))
            session.say("crash p")
            #expect(session.say("get p k:1 --disk").first?.hasPrefix("1.......") == true)
        }
    }

    @Test func `a row of the ledger fits a terminal, whatever it holds`() throws {
        try withSession { session in
            let key = String(repeating: "k", count: 60)
            session.say("lag r1 1s; lag r2 1s")
            session.say("set \(key) \(key)", "set '\(key) x' '\(key) y'", "crash p", "promote r1")
            session.say("restart p", "salvage p --apply overwrite")
            for line in session.say("lost") where !line.hasPrefix("the disk") {
                #expect(line.count <= 80, "\(line)")
            }
        }
    }
}
