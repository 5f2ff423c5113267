import LabClock
import Testing

private func at(_ milliseconds: Int) -> LabInstant {
    .start.advanced(by: .milliseconds(milliseconds))
}

/// Takes out everything due by `instant`, in order.
private func drain(_ queue: inout TimerQueue<String>, by instant: LabInstant) -> [String] {
    var fired: [String] = []
    while let payload = queue.popDue(at: instant) { fired.append(payload) }
    return fired
}

@Suite struct TimerQueueTests {
    @Test func `timers fire by instant, then owner, then order of asking`() {
        var queue = TimerQueue<String>()
        _ = queue.schedule(at: at(2), owner: "r1", "second instant")
        _ = queue.schedule(at: at(1), owner: "r2", "r2 first")
        _ = queue.schedule(at: at(1), owner: "r1", "r1 first")
        _ = queue.schedule(at: at(1), owner: "r1", "r1 second")
        #expect(queue.nextInstant == at(1))
        #expect(
            drain(&queue, by: at(5)) == ["r1 first", "r1 second", "r2 first", "second instant"])
        #expect(queue.count == 0)
    }

    @Test func `what belongs to a later pass over an instant waits for it`() {
        var queue = TimerQueue<String>()
        _ = queue.schedule(at: at(1), pass: 1, owner: "a", "again")
        _ = queue.schedule(at: at(1), owner: "b", "first")
        _ = queue.schedule(at: at(2), owner: "a", "next instant")
        #expect(queue.popDue(at: at(1)) == "first")
        #expect(queue.popDue(at: at(1)) == nil)
        #expect(queue.popDue(at: at(1), pass: 1) == "again")
        #expect(queue.popDue(at: at(1), pass: 1) == nil)
        #expect(queue.popDue(at: at(2)) == "next instant")
    }

    @Test func `what is due later stays`() {
        var queue = TimerQueue<String>()
        _ = queue.schedule(at: at(10), owner: "a", "later")
        #expect(queue.popDue(at: at(9)) == nil)
        #expect(drain(&queue, by: at(10)) == ["later"])
    }

    @Test func `a cancelled timer never fires and does not hide the next`() {
        var queue = TimerQueue<String>()
        let first = queue.schedule(at: at(1), owner: "a", "cancelled")
        _ = queue.schedule(at: at(2), owner: "a", "kept")
        queue.cancel(first)
        #expect(queue.nextInstant == at(2))
        #expect(drain(&queue, by: at(3)) == ["kept"])
        queue.cancel(first)
        #expect(queue.count == 0)
    }

    @Test func `a random history comes out sorted`() {
        var random = SeededDraws(seed: 7)
        var queue = TimerQueue<String>()
        var expected: [(Int, Int, String)] = []
        for index in 0..<2_000 {
            let instant = Int(random.next() % 50)
            let token = queue.schedule(at: at(instant), owner: "o", "\(index)")
            if random.next() % 4 == 0 {
                queue.cancel(token)
            } else {
                expected.append((instant, index, "\(index)"))
            }
        }
        expected.sort { ($0.0, $0.1) < ($1.0, $1.1) }
        #expect(drain(&queue, by: at(50)) == expected.map(\.2))
    }

    @Test func `instants add and subtract to the nanosecond`() {
        let instant = LabInstant.start.advanced(by: .nanoseconds(66_666_667))
        #expect(instant.nanoseconds == 66_666_667)
        #expect(instant.since(.start) == .nanoseconds(66_666_667))
        #expect(LabInstant(nanoseconds: .max).advanced(by: .seconds(1)).nanoseconds == .max)
    }
}
