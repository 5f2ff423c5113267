import LabClock
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
}
