import CommandLanguage
import Session
import Testing

/// A learner's mistake gets one line that says what is wrong and one that says what to type.
struct BadInputTests {
    struct Mistake: CustomTestStringConvertible {
        let before: String
        let line: String
        let answer: [String]
        var testDescription: String { "\(before); \(line)" }

        init(_ before: String, _ line: String, _ error: String, _ advice: String) {
            self.before = before
            self.line = line
            answer = ["error: \(error)", "try: \(advice)"]
        }
    }

    static let mistakes = [
        Mistake("", "promote p", "p is the primary already", "promote r1"),
        Mistake(
            "", "salvage primary", "p is the primary; what it lacks is on the disks of others",
            "salvage r1"),
        Mistake(
            "", "salvage r1 skip",
            "skip says what to do with conflicts when the keys are written",
            "salvage r1 --apply skip"),
        Mistake("", "rewind r1", "r1 is up, and a rewind needs it down", "stop r1"),
        Mistake(
            "crash p", "rewind p", "p is the primary: there is no other log to bring it back to",
            "promote a replica first"),
        Mistake(
            "crash p; promote r1", "rewind p from p", "p cannot be rewound from itself",
            "rewind p"),
        Mistake(
            "crash p; promote r1", "rewind p",
            "nothing to rewind: p's log ends at 0/1000A0, and r1's goes on there", "follow p r1"),
        Mistake(
            "crash p; promote r1; crash r1", "rewind p",
            "r1 is down (crashed), and a rewind copies from a running node", "restart r1"),
        Mistake(
            "crash r1", "rewind r1", "p never left r1's timeline: it is on 1, r1 on 1",
            "follow r1 p"),
        Mistake(
            "crash p", "salvage r1", "p is down (crashed), so nobody takes writes",
            "promote r1, or restart p"),
        Mistake(
            "crash r1", "promote r1", "r1 is down (crashed), so it cannot be promoted",
            "promote r2"),
        Mistake("stop r2", "crash r2", "r2 is down already (stopped)", "restart r2"),
        Mistake("crash p", "crash p", "p is down already (crashed)", "restart p"),
        Mistake("crash p", "stop primary", "p is down already (crashed)", "restart p"),
        Mistake("", "restart p", "p is up already", "crash p, or stop p"),
        Mistake(
            "", "reconnect r1", "r1 is connected already, and its link is not cut",
            "lag, to see how far it is behind"),
        Mistake(
            "lag r2 5ms", "reconnect r2", "r2 is connected already, and its link is not cut",
            "heal r2, to take the delay off its link"),
        Mistake("crash r1", "reconnect r1", "r1 is down (crashed)", "restart r1"),
        Mistake(
            "stop p", "reconnect r1", "r1 cannot connect: p is down (stopped)",
            "restart p, or promote r1"),
        Mistake("partition r1", "partition r1", "the link to r1 is cut already", "heal r1"),
        Mistake(
            "", "partition p", "p is a primary; partition is about a replica's link",
            "partition r1"),
        Mistake("", "lag p 5ms", "p is a primary; lag is about a replica's link", "lag r1 5ms"),
        Mistake("", "heal p", "p is a primary; heal is about a replica's link", "heal r1"),
        Mistake(
            "", "set r1 'my key' \"it's\"",
            "r1 is a replica and takes no writes (server error 25006)",
            "set 'my key' \"it's\""),
        Mistake(
            "", "delete r1 a", "r1 is a replica and takes no writes (server error 25006)",
            "delete a"),
        Mistake(
            "crash p", "set a 1", "p is down (crashed), so nobody takes writes",
            "promote r1, or restart p"),
        Mistake(
            "crash p", "load 3", "p is down (crashed), so nobody takes writes",
            "promote r1, or restart p"),
        Mistake("crash p", "get 'a b'", "p is down (crashed)", "get p 'a b' --disk"),
        Mistake(
            "set a 1", "wal p 0/9000000",
            "the log of p has no record there; it runs from 0/100028 to 0/100138",
            "wal p 0/100028..0/100138"),
        Mistake("", "commit", "no transaction is open", "begin"),
        Mistake("", "rollback", "no transaction is open", "begin"),
        Mistake("begin", "begin r1", "a transaction is open on p already", "commit, or rollback"),
        Mistake(
            "begin", "load 3", "a transaction is open on p, and load makes commits of its own",
            "commit, or rollback"),
        Mistake(
            "begin r1", "set r1 a 1",
            "r1 is a replica and takes no writes (server error 25006); the transaction has failed",
            "rollback, then: set a 1"),
        Mistake(
            "crash p", "begin", "p is down (crashed), so nobody takes writes",
            "promote r1, or restart p"),
        Mistake("crash r1", "begin r1", "r1 is down (crashed)", "restart r1"),
        Mistake("", "vacuum r1", "r1 is a replica: it replays what p does", "vacuum"),
        Mistake("crash r1", "vacuum r1", "r1 is down (crashed)", "restart r1"),
        Mistake("crash r1", "checkpoint r1", "r1 is down (crashed)", "restart r1"),
        Mistake("stop p", "disk p full", "p is down (stopped)", "restart p"),
        Mistake(
            "", "damage p torn", "p is up; only files of a node that is down can be damaged",
            "crash p"),
        Mistake(
            "crash p", "damage p wal 0/9000000", "no record of p's log holds 0/9000000",
            "wal p, to see what its log holds"),
        Mistake(
            "", "config fsync off",
            "fsync cannot be changed while the lab runs", "help config, for those that can"),
        Mistake(
            "", "config wal_sender_timeout soon", "wal_sender_timeout cannot be soon",
            "config wal_sender_timeout 10s"),
        Mistake(
            "", "config wal_retrieve_retry_interval 0",
            "0 ms is outside the valid range (1 .. 2147483647 ms)",
            "config wal_retrieve_retry_interval 10s"),
        Mistake(
            "", "config authentication_timeout 11m",
            "660 s is outside the valid range (1 .. 600 s)", "config authentication_timeout 10s"),
        Mistake(
            "", "config wal_receiver_status_interval 1ns",
            "1ns is less than 1s, the unit of wal_receiver_status_interval",
            "config wal_receiver_status_interval 10s"),
        Mistake(
            "", "config wal_receiver_status_interval 999ms",
            "999ms is less than 1s, the unit of wal_receiver_status_interval",
            "config wal_receiver_status_interval 10s"),
        Mistake(
            "", "config wal_sender_timeout 1us",
            "1us is less than 1ms, the unit of wal_sender_timeout",
            "config wal_sender_timeout 10s"),
        Mistake(
            "", "config wal_receiver_timeout 25d",
            "2160000000 ms is outside the valid range (0 .. 2147483647 ms)",
            "config wal_receiver_timeout 10s"),
        Mistake(
            "", "config wal_receiver_timeout -5d", "wal_receiver_timeout cannot be -5d",
            "config wal_receiver_timeout 10s"),
        Mistake(
            "", "config full_page_writes maybe", "full_page_writes cannot be maybe",
            "config full_page_writes on, or config full_page_writes off"),
        Mistake("", "diff r1 r1", "r1 cannot be compared with itself", "diff r1 p"),
        Mistake("", "diff p primary", "p cannot be compared with itself", "diff p r1"),
        Mistake("", "frobnicate", "unknown command 'frobnicate'", "help"),
        Mistake("", "wait 5", "the duration '5' has no unit", "write 5ms, or 5s for seconds"),
        Mistake(
            "", "set a 'b", "a ' quote is not closed",
            "end the text with ', or put a text that holds one in \"...\""),
    ]

    @Test(arguments: mistakes)
    func `a mistake is answered in two lines`(_ mistake: Mistake) throws {
        try withSession { session in
            session.say(mistake.before)
            let time = session.fact("time")
            let outcome = session.run(mistake.line)
            #expect(outcome.lines == mistake.answer)
            #expect(outcome.failed)
            #expect(!outcome.quit)
            #expect(session.fact("time") == time)
            #expect(!session.run("status").failed, "the lab goes on")
        }
    }

    @Test func `a value too big for a page is refused by the server and changes nothing`() throws {
        try withSession { session in
            let outcome = session.run("set a " + String(repeating: "x", count: 9_000))
            #expect(outcome.failed)
            #expect(outcome.lines[0].hasPrefix("error: p refused: row is too big"))
            #expect(outcome.lines[1] == "try: a shorter value")
            #expect(session.fact("value p a") == nil)
            #expect(session.fact("acknowledged") == "0")
        }
    }

    @Test func `a line stops at its first failure, unless it is told to go on`() throws {
        try withSession { session in
            let line = "set a 1; promote p; set b 2"
            #expect(session.run(line).failed)
            #expect(session.fact("value p a") == "1")
            #expect(session.fact("value p b") == nil)
            let outcome = session.run(line, keepsGoing: true)
            #expect(outcome.failed)
            #expect(session.fact("value p b") == "2")
        }
    }

    @Test func `a mistake anywhere in a line keeps all of it from running`() throws {
        try withSession { session in
            #expect(session.run("set a 1; frobnicate").failed)
            #expect(session.fact("value p a") == nil)
        }
    }

    @Test func `a person sees where in the line the mistake is`() throws {
        try withSession { session in
            let lines = session.run("set a 1; promot q", isInteractive: true).lines
            #expect(lines[0] == String(repeating: " ", count: 32) + "^")
            #expect(lines[1].hasPrefix("error: no node 'q'"))
            #expect(session.run("promot q").lines[0].hasPrefix("error: unknown command"))
        }
    }

    @Test func `under JSON a failure is one object`() throws {
        try withSession { session in
            #expect(
                session.run("promote p", asJSON: true).lines == [
                    #"{"error":{"message":"p is the primary already","advice":"promote r1"}}"#
                ])
            #expect(session.run("promote p --json").lines.count == 1)
        }
    }

    @Test func `text from outside cannot act on the terminal`() throws {
        try withSession { session in
            session.say("set 'k\u{1b}[31m' 'v\u{1b}[2J'")
            let lines = session.say(
                "get 'k\u{1b}[31m'", "delete 'x\u{1b}'", "set r1 'k\u{1b}' 1", "partition r1",
                "set 'k\u{1b}[31m' \u{7}", "crash p", "promote r1", "get 'a\u{1b}'")
            #expect(!lines.contains { $0.unicodeScalars.contains { $0.value < 32 } })
        }
    }
}
