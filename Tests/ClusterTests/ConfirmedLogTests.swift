import Testing
import WALFormat

@testable import Cluster

/// What a PostgreSQL member's own reports prove.
struct ConfirmedLogTests {
    private func place(_ timeline: UInt32, _ end: UInt64) -> CommitPlace {
        CommitPlace(timeline: Timeline(timeline), end: LSN(end))
    }

    @Test func `a commit is there if its end was reported as flushed on its timeline`() {
        var confirmed = ConfirmedLog()
        #expect(!confirmed.has(place(1, 1)))
        confirmed.extend(to: LSN(100), on: .first)
        confirmed.extend(to: LSN(90), on: .first)
        #expect(confirmed.has(place(1, 100)) && !confirmed.has(place(1, 101)))
        #expect(!confirmed.has(place(2, 50)))
    }

    @Test func `a base backup proves what was committed before its redo point, and its past`() {
        let history = TimelineHistory().appending(
            timeline: .first, switchpoint: LSN(50), reason: "")
        let confirmed = ConfirmedLog(backupFrom: LSN(80), on: Timeline(2), history)
        #expect(confirmed.has(place(1, 50)) && !confirmed.has(place(1, 51)))
        #expect(confirmed.has(place(2, 80)) && !confirmed.has(place(2, 81)))
    }

    @Test func `what one before it had confirmed stays known`() {
        var former = ConfirmedLog()
        former.extend(to: LSN(100), on: .first)
        var present = ConfirmedLog(backupFrom: LSN(50), on: Timeline(2), TimelineHistory())
        present.merge(former)
        #expect(present.has(place(1, 100)) && present.has(place(2, 50)))
    }
}
