import LabClock
import Testing

@Suite struct RoundMemoryTests {
    private func at(_ seconds: Int) -> LabInstant { .start.advanced(by: .seconds(seconds)) }

    @Test func `what stands as before has come round, since when it last stood so`() {
        var memory = RoundMemory<String, Int>(at: at(0))
        #expect(memory.came(.init("rests", 1, at: at(1))) == nil)
        #expect(memory.came(.init("tries", 2, at: at(3))) == nil)
        #expect(!memory.hasComeRound)
        let first = memory.came(.init("rests", 3, at: at(6)))
        #expect(first?.instant == at(1) && first?.tally == 1)
        #expect(memory.hasComeRound)
        #expect(memory.came(.init("rests", 4, at: at(11)))?.instant == at(6))
        #expect(memory.came(.init("tries", 5, at: at(13)))?.instant == at(3))
    }

    @Test func `what was moved on has to come round again, and is still known to`() {
        var memory = RoundMemory<String, Int>(at: at(0))
        _ = memory.came(.init("rests", 0, at: at(1)))
        _ = memory.came(.init("rests", 0, at: at(2)))
        memory.forgetMoments()
        #expect(memory.hasComeRound)
        #expect(memory.came(.init("rests", 0, at: at(9))) == nil)
    }

    @Test func `what does not come round for long began later than was thought`() {
        typealias Memory = RoundMemory<Int, Void>
        var memory = Memory(at: at(0))
        for step in 1...Memory.capacity {
            #expect(memory.began == at(0))
            #expect(memory.came(.init(step, (), at: at(step))) == nil)
        }
        #expect(memory.began == at(Memory.capacity))
        #expect(memory.came(.init(1, (), at: at(100))) == nil)
    }
}
