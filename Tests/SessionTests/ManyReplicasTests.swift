import CommandLanguage
import Session
import Testing

/// Tables of a lab with many replicas: the healthy ones share a line.
struct ManyReplicasTests {
    @Test func `of many links those that are whole and empty are one line`() throws {
        try withSession(replicas: 12) { session in
            #expect(session.say("link") == ["links of r1 to r12: whole, nothing on them"])
            session.say("partition r2", "link r7 rtt=130ms")
            let lines = session.say("link")
            #expect(lines.filter { $0.hasPrefix("r") && !$0.hasPrefix("r ") }.count == 4)
            #expect(lines.contains { $0.hasPrefix("r2 ") && $0.hasSuffix("cut") })
            #expect(lines.contains { $0.hasPrefix("r7 ") && $0.contains("130ms") })
            #expect(
                lines.last == "links of r1, r3 to r6 and r8 to r12: whole, nothing on them")
            #expect(lines.allSatisfy { DisplayWidth.of($0) <= 80 })
        }
    }

    @Test func `of many replicas those that lack nothing are one line of the meters`() throws {
        try withSession(replicas: 12) { session in
            #expect(session.say("lag") == ["r1 to r12: nothing is missing"])
            session.say("partition r3", "load 10 every 100ms")
            let lines = session.say("lag")
            #expect(lines.contains("r1, r2 and r4 to r12 have it all"))
            #expect(lines.contains("bottleneck of r3: the link, which is cut"))
            #expect(lines.allSatisfy { DisplayWidth.of($0) <= 80 })
        }
    }
}
