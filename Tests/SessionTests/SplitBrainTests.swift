import CommandLanguage
import Session
import Testing

/// Two primaries, and what the old one goes on to acknowledge.
struct SplitBrainTests {
    /// 5 s at 20 writes a second.
    @Test func `unfenced, every zombie acknowledgement is counted and listed`() throws {
        try withSession(replicas: 1) { session in
            session.say("set a 1", "partition r1", "promote r1")
            for number in 1...100 { session.say("set p z:\(number) 1", "wait 50ms") }
            let line = "100 zombie acknowledgements of p: told OK, and lost for r1"
            #expect(session.say("status").contains(line))
            #expect(session.prompt == "03:00:05.000 r1 + p> ")
            let lost = session.say("lost --json")[0]
            #expect(lost.hasPrefix(#"{"count":100,"#))
            #expect(lost.split(separator: #""zombie":true"#).count == 101)
            #expect(
                session.say("lost").contains(
                    "all 100 of them are zombies: p told OK when another was the primary"))
        }
    }

    @Test(arguments: ["by=power", "by=command", "by=lease:2s"])
    func `fenced, there is none`(_ way: String) throws {
        try withSession(replicas: 1) { session in
            session.say("set a 1", "monitor interval=1s misses=3", "fence p \(way)")
            session.say("partition r1", "partition monitor", "wait 2s", "promote r1")
            for number in 1...100 {
                #expect(
                    session.run("set p z:\(number) 1", keepsGoing: true).lines.contains {
                        $0.hasPrefix("error:")
                    })
            }
            #expect(session.say("lost --json")[0].contains(#""count":0"#))
            #expect(session.prompt.hasSuffix(" r1> "))
        }
    }

    @Test func `a commit lost by the promotion itself is no zombie`() throws {
        try withSession(replicas: 1) { session in
            session.say("partition r1", "set a 1", "promote r1")
            let lost = session.say("lost --json")[0]
            #expect(lost.contains(#""count":1,"#) && lost.contains(#""zombie":false"#))
        }
    }

    @Test func `diff --keys shows both values, and folds what is equal`() throws {
        try withSession(replicas: 1) { session in
            session.say("set same 1", "set a 1", "partition r1", "set only 1", "promote r1")
            session.say("set p a 2", "set a 3")
            #expect(
                session.say("diff p r1 --keys") == [
                    "key   p  r1", "a     2  3", "only  1  (none)",
                    "2 keys differ, 1 key is equal",
                ])
            #expect(
                session.say("diff r1 p --keys --json") == [
                    #"{"nodes":["r1","p"],"equal":1,"keys":[{"key":"a","values":["3","2"]},"#
                        + #"{"key":"only","values":[null,"1"]}]}"#
                ])
            #expect(session.say("diff r1 r1 --keys").first?.hasPrefix("error") == true)
        }
    }

    @Test(arguments: ["r1", "r2"])
    func `a dry run changes nothing and costs what the promotion does`(_ replica: String) throws {
        try withSession(replicas: 2) { session in
            session.say("lag r2 800ms", "load 3 every 10ms", "crash p")
            let before = session.say("status --json")
            let said = session.say("promote \(replica) --dry-run --json")[0]
            #expect(said.contains(#""commits":\#(replica == "r1" ? 0 : 3),"#))
            #expect(session.say("promote --dry-run").count == 5)
            #expect(session.say("status --json") == before)
            let did = session.say("promote \(replica) --json")[0]
            #expect(did.contains(#""count":\#(replica == "r1" ? 0 : 3),"#))
            #expect(session.say("promote").first?.hasPrefix("error") == true)
        }
    }
}
