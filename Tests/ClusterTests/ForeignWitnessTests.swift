import Testing
import WALFormat

@testable import Cluster
@testable import DatabaseNode

/// What an outside standby's own reports prove.
struct ForeignWitnessTests {
    private func place(_ timeline: UInt32, _ end: UInt64) -> CommitPlace {
        CommitPlace(timeline: Timeline(timeline), end: LSN(end))
    }

    @Test func `a commit is there if its end was reported as flushed on its timeline`() {
        var witness = ForeignWitness()
        #expect(!witness.has(place(1, 1)))
        witness.confirmed(LSN(100), on: .first)
        witness.confirmed(LSN(90), on: .first)
        #expect(witness.has(place(1, 100)) && !witness.has(place(1, 101)))
        #expect(!witness.has(place(2, 50)))
    }

    @Test func `a base backup proves what was committed before its redo point, and its past`() {
        let history = TimelineHistory().appending(
            timeline: .first, switchpoint: LSN(50), reason: "")
        let witness = ForeignWitness(backupFrom: LSN(80), on: Timeline(2), history)
        #expect(witness.has(place(1, 50)) && !witness.has(place(1, 51)))
        #expect(witness.has(place(2, 80)) && !witness.has(place(2, 81)))
    }

    @Test func `what one before it had confirmed stays known`() {
        var former = ForeignWitness()
        former.confirmed(LSN(100), on: .first)
        var present = ForeignWitness(backupFrom: LSN(50), on: Timeline(2), TimelineHistory())
        present.merge(former)
        #expect(present.has(place(1, 100)) && present.has(place(2, 50)))
    }
}
