import CommandLanguage
import Session
import Testing

@testable import Exploration

struct SessionDrawTests {
    @Test func `a seed gives the same session every time, and another seed another`() {
        for seed in 1...20 as ClosedRange<UInt64> {
            #expect(SessionDraw.script(seed: seed) == SessionDraw.script(seed: seed))
            #expect(SessionDraw.script(seed: seed) != SessionDraw.script(seed: seed + 1))
        }
    }

    @Test func `what is drawn stays what it is`() {
        // A finding is told by its seed: a change of the rules that changes this changes them all.
        let script = SessionDraw.script(seed: 1)
        #expect(script.lines.count > 20)
    }

    @Test func `a session has as many commands as were asked for`() {
        for seed in 1...50 as ClosedRange<UInt64> {
            let script = SessionDraw.script(seed: seed, commandCounts: 30...60)
            let commands = script.lines.flatMap { $0.split(separator: ";") }
            #expect((30...60).contains(commands.count))
        }
    }

    @Test func `every verb of the prompt comes up, but the one that ends it`() {
        var drawn: Set<String> = []
        for seed in 1...300 as ClosedRange<UInt64> {
            for line in SessionDraw.script(seed: seed).lines {
                for command in line.split(separator: ";") {
                    drawn.insert(String(command.split(separator: " ")[0]))
                }
            }
        }
        let verbs = Set(Session.commandSpecs.map(\.name)).subtracting(["quit"])
        #expect(verbs.subtracting(drawn) == [])
    }

    @Test func `a third of the sessions have failing disks`() {
        let seeds = 1...600 as ClosedRange<UInt64>
        let faulty = seeds.filter { seed in
            SessionDraw.script(seed: seed).lines.contains { $0.contains("disk ") }
        }
        #expect((150...250).contains(faulty.count))
    }
}
