import Cluster
import CommandLanguage
import Session
import Testing

/// `monitor` at the prompt.
struct MonitorVerbTests {
    @Test func `the monitor answers in JSON`() throws {
        try withSession(replicas: 1) { session in
            #expect(session.say("monitor --json") == [#"{"monitor":null}"#])
            session.say("monitor misses=2 timeout=500ms", "wait 1500ms", "partition monitor")
            #expect(
                session.say("monitor --json") == [
                    #"{"monitor":{"node":"p","interval_ms":1000,"misses":2,"timeout_ms":500,"#
                        + #""missed":0,"last_answer":"03:00:01.000","dead_since":null,"#
                        + #""link":"cut","last_seen":[{"replica":"r1","byte_lag":0}]}}"#
                ])
            session.say("wait 2s")
            #expect(session.say("monitor --json")[0].contains(#""dead_since":"03:00:03.500""#))
        }
    }

    @Test(arguments: [1, 250, 500, 999])
    func `a crash is found out 3 to 4 s later, by its phase`(_ phase: Int) throws {
        try withSession(replicas: 1) { session in
            session.say("monitor interval=1s misses=3", "wait 2s", "wait \(phase)ms")
            session.say("crash p")
            let lines = session.say("wait 10s").filter { $0.contains("declared dead") }
            #expect(
                lines == [
                    "03:00:06.000 monitor: p missed 3 checks; "
                        + "declared dead 4s after its last answer"
                ])
        }
    }

    @Test func `a second monitor, and one with bad terms, change nothing`() throws {
        try withSession(replicas: 1) { session in
            for line in [
                "monitor interval=9ms", "monitor interval=2h", "monitor interval=1500us",
                "monitor misses=0", "monitor timeout=2s", "monitor off misses=3", "monitor on",
                "monitor off", "partition monitor", "heal monitor", "lag monitor 1s",
            ] {
                #expect(
                    session.run(line, keepsGoing: true).lines.contains { $0.hasPrefix("error") })
                #expect(session.say("monitor --json") == [#"{"monitor":null}"#])
            }
            session.say("monitor interval=1s misses=3")
            let before = session.say("monitor --json")
            #expect(session.say("monitor interval=2s").first?.contains("already") == true)
            #expect(session.say("monitor --json") == before)
        }
    }

    @Test func `checks over a link that flaps are counted before a long wait`() throws {
        try withSession(replicas: 1) { session in
            session.say("monitor interval=1s misses=3")
            session.say("partition monitor for=2s every=10s")
            #expect(session.say("wait 8760h").contains("try: heal monitor, or monitor off"))
            #expect(session.say("wait 1m").contains { $0.hasPrefix("it is 03:01:00.000") })
        }
    }

    @Test func `after a promotion the new primary is watched, and a kept cut is the old one's`()
        throws
    {
        try withSession { session in
            session.say("monitor interval=1s misses=3", "partition monitor", "wait 5s")
            session.say("promote r1", "wait 5s")
            #expect(session.say("monitor").first == "r1 answers: last 0s ago, one check every 1s")
        }
    }
}
