import Cluster
import CommandLanguage
import Session
import Testing

/// What an interactive prompt asks of a session.
struct PromptTests {
    @Test func `the greeting says what runs and what to try`() throws {
        try withSession { session in
            #expect(
                session.greeting == [
                    "Shiplog: p is the primary; r1 and r2 stream its write-ahead log.",
                    "Lab time stands still between commands. Type 'help', or: set pay:1 100",
                ])
            #expect(session.prompt == "03:00:00.000 p> ")
        }
        try withSession(replicas: 0) { session in
            #expect(session.greeting[0] == "Shiplog: p runs alone, with no replica.")
            #expect(
                session.say("set a 1").first == "OK lsn=0/100138 (p fsynced; no replica follows p)")
        }
    }

    @Test func `TAB offers verbs, nodes that make sense, and keys that were written`() throws {
        try withSession { session in
            session.say("set pay:7 1", "set 'two words' 2")
            #expect(session.completion(line: "pro", cursor: 3) == ("pro", ["promote"]))
            #expect(
                session.completion(line: "promote ", cursor: 8).candidates == [
                    "--dry-run", "r1", "r2",
                ])
            #expect(session.completion(line: "get pay", cursor: 7) == ("pay", ["pay:7"]))
            #expect(session.completion(line: "get two", cursor: 7).candidates == ["'two words'"])
            #expect(session.completion(line: "config fsy", cursor: 10).candidates == ["fsync"])
            #expect(session.completion(line: "status", cursor: 99).typed == "status")
            #expect(session.completion(line: "é", cursor: 1).typed == "")
        }
    }

    @Test func `the hint says what is still to come`() throws {
        try withSession { session in
            #expect(session.hint(line: "set ") == "[NODE] KEY VALUE")
            #expect(session.hint(line: "status") == "")
        }
    }

    @Test func `quit ends the session, and nothing behind it runs`() throws {
        try withSession { session in
            let outcome = session.run("quit; set a 1")
            #expect(outcome == LineOutcome(lines: [], failed: false, quit: true))
            #expect(session.fact("value p a") == nil)
        }
    }

    @Test func `an empty line and a comment say nothing`() throws {
        try withSession { session in
            #expect(session.run("") == LineOutcome())
            #expect(session.run("  # a comment") == LineOutcome())
        }
    }

    @Test func `the beginning of a verb will do for a person alone`() throws {
        try withSession { session in
            #expect(!session.run("stat", isInteractive: true).failed)
            #expect(session.run("stat").failed)
        }
    }

    @Test func `why a lab cannot be started is told in two lines`() {
        let failures: [LabFailure] = [
            .tooManyReplicas(99), .notALab(path: "/x y", reason: "it holds a file"),
            .isInUse(path: "/x"),
            .otherSettings(path: "/x", wanted: "3 replicas", found: "2 replicas"),
            .directory(path: "/x", reason: "Permission denied"),
            .cannotListen(node: "p", reason: "Address already in use"),
        ]
        for failure in failures {
            let lines = Session.explain(failure)
            #expect(lines.count == 2)
            #expect(lines[0].hasPrefix("error: "))
            #expect(lines[1].hasPrefix("try: "))
        }
    }
}
