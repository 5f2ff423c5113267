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
}
