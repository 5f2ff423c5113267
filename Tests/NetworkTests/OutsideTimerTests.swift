import LabClock
import Synchronization
import Testing

@testable import Network

/// The one clock of the lab that is not the lab's.
struct OutsideTimerTests {
    @Test func `it fires while lab time stands still`() async throws {
        let lab = LabLoop()
        await withCheckedContinuation { fired in
            try? lab.perform {
                _ = lab.afterRealTime(.milliseconds(2)) { fired.resume() }
            }
        }
        #expect(try lab.perform { lab.stepper.now } == .start)
        lab.shutDown()
    }

    @Test func `one taken back does not fire`() async throws {
        let lab = LabLoop()
        let names = await withCheckedContinuation { done in
            try? lab.perform {
                var fired: [String] = []
                let first = lab.afterRealTime(.milliseconds(1)) { fired.append("first") }
                _ = lab.afterRealTime(.milliseconds(2)) { fired.append("second") }
                _ = lab.afterRealTime(.milliseconds(3)) { done.resume(returning: fired) }
                first.cancel()
            }
        }
        #expect(names == ["second"])
        lab.shutDown()
    }

    @Test func `the lab is not still before what it waits for has come`() throws {
        let lab = LabLoop()
        let order = Order()
        try lab.perform {
            let wait = lab.awaitOutside(atMost: .seconds(600)) { order.note("given up") }
            _ = lab.afterRealTime(.milliseconds(2)) {
                order.note("done")
                wait.end()
                wait.end()
            }
        }
        _ = lab.run { .still }
        order.note("still")
        #expect(order.notes == ["done", "still"])
        lab.shutDown()
    }

    @Test func `what never comes is given up after its bound`() throws {
        let lab = LabLoop()
        let order = Order()
        try lab.perform {
            _ = lab.awaitOutside(atMost: .milliseconds(2)) { order.note("given up") }
        }
        _ = lab.run { .still }
        #expect(order.notes == ["given up"])
        lab.shutDown()
    }
}

private final class Order: Sendable {
    private let state = Mutex<[String]>([])
    var notes: [String] { state.withLock { $0 } }
    func note(_ text: String) { state.withLock { $0.append(text) } }
}
