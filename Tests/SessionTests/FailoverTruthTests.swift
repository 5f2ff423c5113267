import Cluster
import CommandLanguage
import TestSupport
import Testing

@testable import Session

/// What a session says of who has what, held against what the next promotion does. Each script was
/// wrong once; the truth checker watches them all.
struct FailoverTruthTests {
    /// Runs a script and gives what its last command said.
    private func last(replicas: Int = 2, _ script: String) throws -> LineOutcome {
        try withSession(replicas: replicas) { session in
            var outcome = LineOutcome()
            for line in script.split(separator: ";") {
                outcome = session.run(String(line))
            }
            return outcome
        }
    }

    @Test func `a second promotion over a slow link has all of the history`() throws {
        try withSession { session in
            session.say("lag r1 100ms", "promote r2", "wait 400ms")
            #expect(
                session.say("promote r1")[0]
                    == "r1 is the primary now: timeline 3 begins at 0/1000A0")
            #expect(session.fact("timeline r1") == "3")
        }
    }

    /// r2 had read its log before its directory was replaced; what lies in between it never read.
    @Test func `a base backup does not join two parts of a log that have a gap between`() throws {
        let script = """
            load 147 of 6960; promote r2; basebackup p; promote p; load 148; basebackup r2; \
            promote r2
            """
        let told = try last(script)
        #expect(told.lines.last == "0 acknowledged commits lost (295 of 295 are on r2)")
    }

    /// A disk's failure ends a backup that waits for its turn: that is told in the same command.
    @Test func `a backup that a failed disk ends is told of at once, every time`() throws {
        for _ in 0..<12 {
            try withSession { session in
                session.say("promote r1", "basebackup r2 rate 32 --no-wait", "disk r1 eio")
                let told = session.say("slot create p")
                #expect(told.contains { $0.contains("r2: got no base backup from r1") })
            }
        }
    }

    @Test func `a promotion on a failed disk leaves a standby that can be promoted`() throws {
        try withSession { session in
            session.say("disk r1 eio")
            let refused = session.run("promote r1")
            #expect(refused.failed)
            #expect(refused.lines.last == "try: crash r1; restart r1; promote r1")
            session.say("crash r1", "restart r1")
            #expect(session.fact("role r1") == "replica")
            #expect(session.fact("upstream r2") == "p")
            #expect(!session.run("promote r1").failed)
            #expect(session.fact("timeline r1") == "2")
        }
    }

    @Test func `a promotion on a full disk changes nothing, and nobody is repointed`() throws {
        try withSession { session in
            session.say("disk r1 full", "load 5000", "load 5000")
            #expect(session.run("promote r1").failed)
            #expect(session.fact("role r1") == "replica")
            #expect(session.fact("upstream r2") == "p")
            session.say("crash r1", "restart r1")
            #expect(session.run("set r1 y 1").failed)
            #expect(session.fact("diff p r1") == "identical")
            session.say("promote r1")
            #expect(session.fact("timeline r1") == "2")
        }
    }

    @Test func `a replica on another timeline does not have what is written on this one`() throws {
        let said = try last(
            "partition r1; load 4 as a; partition r2; crash p; promote r1; set k 1"
        ).lines[0]
        #expect(said.hasSuffix("(r1 fsynced; r2 cannot follow)"))
    }

    @Test func `a replica that has parted is at risk of what it lacks`() throws {
        let script =
            "partition r1; partition r2; set a 1; crash p; promote r1; reconnect r2; set z 1;"
            + "partition r3; crash r1; promote r2"
        #expect(
            try last(replicas: 3, script).lines.contains("at risk if r2 dies now: 1 commit"))
        let cost = try last(replicas: 3, script + "; crash r2; promote r3").lines
        #expect(cost.contains { $0.contains("  z  ") })
    }

    @Test func `a replica that has parted counts with what it has`() throws {
        let script = "set a 1; lag r2 800ms; set b 1; crash p; promote r2; crash r2"
        #expect(try last(script).lines.last == "lost if r2 stays down: nothing")
        #expect(
            try last(script + "; promote r1").lines.last
                == "0 acknowledged commits lost (2 of 2 are on r1)")
    }

    /// Lines, then a promotion of the last word's node: what was said to be lost, and what is.
    @Test(arguments: [
        // What a full disk gave up has not come, whatever was received.
        (2, "disk r1 room 1; promote r2; set d 0; disk r1 ok", "r1", ["1", "1"]),
        // What has come and is not durable yet is counted in the log itself.
        (3, "slow r3 fsync=1ms; set b 0; promote r2; crash r2; restart r2", "r3", ["0", "0"]),
        (2, "slow r1 fsync=1s; set a 1; set b 1; lag r1 1s; set c 1", "r1", ["1", "1"]),
    ])
    func `what a replica has is what its promotion keeps`(
        replicas: Int, script: String, node: String, costs: [String]
    ) throws {
        try withSession(replicas: replicas) { session in
            #expect(!session.run(script).failed)
            let said = session.context.look().candidates.first { $0.name == node }?.cost
            session.say("promote \(node)")
            #expect([said.map(String.init), session.fact("lost")] == costs)
        }
    }

    @Test func `what a promoted node commits before it has ended is on the new timeline`() throws {
        try withSession { session in
            session.say(
                "config heartbeat_interval 1s", "partition r2", "set d 0", "crash p", "lag",
                "wait 1s", "slow r2 fsync=1ms", "promote r2")
            #expect(session.fact("lost") == "1")
            session.say("promote r1")
            #expect(session.fact("lost") == "1")
        }
    }

    @Test func `follow and reconnect that cannot be change nothing`() throws {
        try withSession { session in
            session.say("promote r1", "set b 1")
            #expect(session.run("follow r2 p").failed)
            #expect(session.fact("upstream r2") == "r1")
            #expect(session.fact("state r2") == "streaming")
        }
        try withSession { session in
            session.say("set a 1", "lag r2 800ms", "set b 1", "crash p", "promote r2")
            session.say("lag r1 50ms", "partition r1")
            #expect(session.run("reconnect r1").failed)
            #expect(session.fact("link r1") == "cut")
            #expect(session.fact("delay r1") == "50ms")
        }
    }

    @Test func `the stale primary is what a base backup is advised for`() throws {
        let said = try last("crash p; promote r1; restart p; follow p r1").lines
        #expect(said.last == "try: basebackup p, which makes a replica of it")
    }

    @Test func `a full disk is a state, and a failed one refuses vacuum`() throws {
        try withSession { session in
            session.say("disk p full", "load 10000")
            #expect(session.fact("state p") == "full")
        }
        try withSession { session in
            session.say("disk p eio", "set a 1")
            #expect(session.run("vacuum").failed)
        }
    }

    @Test func `what an fsync did not make durable is written again before anything builds on it`()
        throws
    {
        let lab = try Lab(LabOptions(replicas: 0, usesMemory: true))
        defer { lab.close() }
        let session = watched(Session(lab: lab))
        session.say("disk p eio", "stop p", "restart p", "set pay:0 0", "crash primary")
        #expect(session.fact("lost") == "0")
        session.say("restart p")
        #expect(session.fact("value p pay:0") == "0")
    }

    @Test func `a kept lab remembers what was lost, who was down, and the faults of its links`()
        throws
    {
        let folder = try TemporaryFolder()
        let options = LabOptions(replicas: 2, directory: folder.path + "/lab")
        let first = try Lab(options)
        watched(Session(lab: first)).say(
            "lag r1 800ms", "lag r2 800ms", "load 3 as a", "crash p", "promote r1", "set k 1",
            "partition r2")
        first.close()
        let lab = try Lab(options)
        defer { lab.close() }
        let session = watched(Session(lab: lab))
        #expect(session.fact("state p") == "crashed")
        #expect(session.fact("lost") == "3")
        #expect(session.fact("acknowledged") == "4")
        #expect(session.fact("commits_behind r2") == "1")
        #expect(session.fact("link r2") == "cut")
        #expect(session.fact("delay r2") == "800ms")
    }
}
