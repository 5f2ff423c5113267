import Cluster
import CommandLanguage
import Session
import TestSupport
import Testing

/// What every write's client was told, and what became of the write.
struct LossMatrixTests {
    /// Four writes were told OK, of which two are lost; one of two that were not answered is there.
    private func story(_ session: Session) {
        session.say("monitor interval=1s misses=3", "set a 1", "wait 1s")
        session.say("crash p after=flush", "set ghost 1", "restart p", "wait 6s")
        session.say("lag r1 800ms; lag r2 800ms", "set b 2", "wait 1s", "set c 3", "set c 4")
        session.say("crash p after=insert", "set gone 1", "promote r1")
    }

    @Test func `every write is counted by what its client knows and what became of it`() throws {
        try withSession { session in
            story(session)
            let lines = session.say("lost --matrix")
            #expect(
                lines.prefix(7).map { $0.split(separator: " ").joined(separator: " ") } == [
                    "writes client was told survived lost",
                    "acked OK 2 2", "unacked an error 0 0", "unknown nothing 1 1",
                    "1 ghost, on r1 though no client was told OK:",
                    "lsn key value asked at told",
                    "0/1001B8 ghost 1 03:00:01.000 nothing",
                ])
            let lost = try #require(lines.firstIndex(of: "lost:"))
            #expect(lines[lost + 2].hasSuffix("  sent     p (log)"))
            #expect(lines[lost + 3].hasSuffix("  sent     p"))
            for line in lines { #expect(line.count <= 80) }
        }
    }

    @Test func `a refused write is counted, and is no ghost`() throws {
        try withSession { session in
            session.say("set a 1", "set r1 b 2", "begin", "set c 3", "rollback")
            let lines = session.say("lost --matrix")
            #expect(
                lines.contains { $0.split(separator: " ") == ["unacked", "an", "error", "0", "2"] })
            #expect(lines.contains("no ghosts") && lines.contains("nothing is lost"))
        }
    }

    @Test func `a promotion's loss stands beside the lags that were known before it`() throws {
        try withSession { session in
            session.say("lag r1 800ms; lag r2 800ms", "monitor interval=1s misses=3")
            session.say("load 20 every 100ms", "crash p", "promote r1")
            let json = session.run("lost --json").lines[0]
            #expect(json.contains(#""lag_at_death":{"bytes":1024,"commits":8}"#), "\(json)")
            #expect(json.contains(#""log_lost":{"bytes":1024,"commits":8}"#))
            let row = try #require(session.say("lost --matrix").first { $0.hasPrefix("r1, tli 2") })
            #expect(row.split(separator: " ")[3...5] == ["1024/8", "1024/8", "0"])
        }
    }

    @Test func `what the wire delivers after the death is lost less`() throws {
        try withSession { session in
            session.say("lag r1 800ms; lag r2 800ms", "set a 1", "set b 2", "crash p wire=deliver")
            session.say("wait 1s", "promote r1")
            let row = try #require(session.say("lost --matrix").first { $0.hasPrefix("r1, tli 2") })
            let words = row.split(separator: " ")
            #expect(words[3] == "0/0")
            #expect(words[4].hasSuffix("/2"))
            #expect(words[5].hasPrefix("-"))
        }
    }

    @Test func `a kept lab remembers the bounds`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/lab"
        let first = try Lab(LabOptions(replicas: 2, directory: path))
        let session = watched(Session(lab: first))
        story(session)
        let before = session.say("lost --matrix")
        first.close()
        let lab = try Lab(LabOptions(directory: path))
        defer { lab.close() }
        #expect(watched(Session(lab: lab)).say("lost --matrix") == before)
    }
}
