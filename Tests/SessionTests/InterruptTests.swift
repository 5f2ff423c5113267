import Cluster
import CommandLanguage
import Foundation
import Session
import Synchronization
import Testing

/// ^C ends what is under way and leaves the lab usable.
struct InterruptTests {
    private final class Flag: Sendable {
        let isSet = Atomic(false)
    }

    /// Runs a line while another thread asks for its end again and again.
    private func interrupted(_ line: String, _ lab: Lab, _ session: Session) -> LineOutcome {
        let isDone = Flag()
        Thread.detachNewThread {
            while !isDone.isSet.load(ordering: .acquiring) {
                lab.interrupt()
                sched_yield()
            }
        }
        defer { isDone.isSet.store(true, ordering: .releasing) }
        return session.run(line)
    }

    @Test(arguments: ["load 1000000 every 1ms", "load 1000000"])
    func `a load that is interrupted says how far it got`(_ line: String) throws {
        let lab = try Lab(LabOptions())
        defer { lab.close() }
        let session = watched(Session(lab: lab))
        let outcome = interrupted(line, lab, session)
        #expect(outcome.failed)
        #expect(outcome.lines[0].hasPrefix("error: interrupted at 03:"))
        #expect(outcome.lines[0].hasSuffix(" of 1000000 commits acknowledged"))
        #expect(!session.run("set a 1").failed)
    }

    @Test func `a salvage that is interrupted has written all or nothing`() throws {
        let lab = try Lab(LabOptions(replicas: 1))
        defer { lab.close() }
        let session = watched(Session(lab: lab))
        session.say("partition r1", "load 3000", "crash p", "promote r1")
        let outcome = interrupted("salvage p --apply", lab, session)
        #expect(outcome.failed)
        #expect(outcome.lines[0].hasPrefix("error: interrupted at 03:"))
        let isThere = ["k:1", "k:3000"].map { session.say("get \($0)")[0].count < 5 }
        #expect(isThere[0] == isThere[1])
        #expect(!session.run("salvage p --apply").failed)
        #expect(session.fact("value r1 k:3000") == "3000")
    }
}
