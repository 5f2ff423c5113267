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
        for step in 1...Memory.leastCapacity {
            #expect(memory.began == at(0))
            #expect(memory.came(.init(step, (), at: at(step))) == nil)
        }
        #expect(memory.began == at(Memory.leastCapacity))
        #expect(memory.came(.init(1, (), at: at(100))) == nil)
    }

    @Test func `a long round is noticed in the end, and one without an end costs a bound`() {
        typealias Memory = RoundMemory<Int, Void>
        let length = Memory.greatestCapacity - 1
        var memory = Memory(at: at(0))
        let first = (0..<4 * length).first { step in
            memory.came(.init(step % length, (), at: at(step))) != nil
        }
        #expect(first != nil)
        #expect(memory.hasComeRound)
        var endless = Memory(at: at(0))
        for step in 0..<4 * Memory.greatestCapacity {
            #expect(endless.came(.init(step, (), at: at(step))) == nil)
        }
        #expect(endless.began > at(2 * Memory.greatestCapacity))
    }
}
