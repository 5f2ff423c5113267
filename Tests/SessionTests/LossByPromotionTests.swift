import Cluster
import CommandLanguage
import Session
import TestSupport
import Testing

/// Which promotion has lost what.
struct LossByPromotionTests {
    /// A failover that loses two commits, and the old primary filled anew.
    private func failOver(_ session: Session) {
        session.say(
            "lag r1 1s; lag r2 1s", "load 2 as pay", "crash p", "promote r1", "lag r1 0; lag r2 0",
            "basebackup p", "reconnect r2")
    }

    @Test func `a planned failover after one that lost some loses nothing more`() throws {
        try withSession { session in
            failOver(session)
            session.say("set x 1", "stop r1")
            let lines = session.say("promote p")
            #expect(lines.last == "0 more acknowledged commits lost (2 before: 'lost')")
            #expect(session.fact("lost") == "2")
            let lost = session.say("lost")
            #expect(lost.first == "2 acknowledged commits are lost:")
            #expect(!lost.contains { $0.hasPrefix("by the promotion") })
        }
    }

    @Test func `each promotion is charged with what its own log did not have`() throws {
        try withSession { session in
            failOver(session)
            session.say("lag p 1s", "lag r2 1s", "set a 1", "set b 2", "set c 3", "crash r1")
            let lines = session.say("promote p")
            #expect(lines.contains("3 more acknowledged commits are lost:"))
            #expect(lines.last == "2 were lost before: 'lost'")
            let lost = session.say("lost")
            #expect(lost.first == "5 acknowledged commits are lost:")
            let groups = lost.filter { $0.hasPrefix("by the promotion of ") }
            #expect(groups.map { $0.suffix(3) } == [": 2", ": 3"])
        }
    }

    @Test func `what is confirmed by a primary that was left is charged to who left it`() throws {
        try withSession { session in
            session.say("set x 1", "crash p", "promote r1", "restart p", "set p zombie 1")
            session.say("stop r1")
            #expect(
                session.say("promote r2").last
                    == "0 more acknowledged commits lost (1 before: 'lost')")
            let lost = session.run("lost --json").lines[0]
            #expect(lost.contains(#""lost_by_timeline":2"#))
        }
    }

    @Test func `a kept lab knows after years which promotion has lost what`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/lab"
        let first = try Lab(LabOptions(replicas: 2, directory: path))
        let session = watched(Session(lab: first))
        failOver(session)
        session.say("lag p 1s; lag r2 1s", "set a 1", "crash r1", "promote p")
        let before = session.say("lost")
        #expect(before.filter { $0.hasPrefix("by the promotion of ") }.count == 2)
        first.close()
        let lab = try Lab(LabOptions(directory: path))
        defer { lab.close() }
        #expect(watched(Session(lab: lab)).say("lost") == before)
    }

    @Test func `a replica that is further behind is charged with the difference alone`() throws {
        try withSession { session in
            session.say("partition r2", "set a 1", "partition r1", "set b 2", "crash p")
            #expect(session.say("promote r1").contains("1 acknowledged commit is lost:"))
            session.say("crash r1")
            let lines = session.say("promote r2")
            #expect(lines.contains("1 more acknowledged commit is lost:"))
            #expect(lines.contains { $0.contains("  a  ") })
            #expect(lines.last == "1 was lost before: 'lost'")
        }
    }
}
