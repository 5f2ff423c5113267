import Testing
import WALFormat

/// How far logs have ever reached a place.
struct ReachedLogTests {
    private static let history = TimelineHistory().appending(
        timeline: .first, switchpoint: LSN(50), reason: "")

    private func place(_ timeline: UInt32, _ end: UInt64) -> LogPosition {
        LogPosition(Timeline(timeline), LSN(end))
    }

    @Test func `what has arrived of a timeline has arrived for good`() {
        var reached = ReachedLog()
        #expect(!reached.includes(place(1, 1)))
        reached.extend(to: LSN(100), on: .first)
        reached.extend(to: LSN(90), on: .first)
        #expect(reached.includes(place(1, 100)) && !reached.includes(place(1, 101)))
    }

    @Test func `no timeline's bytes are another's`() {
        var reached = ReachedLog()
        reached.extend(to: LSN(100), on: .first)
        #expect(!reached.includes(place(2, 50)))
    }

    @Test func `the past of a timeline ends where it was left`() {
        var reached = ReachedLog()
        reached.extend(to: LSN(80), on: Timeline(2), Self.history)
        #expect(reached.includes(place(1, 50)) && !reached.includes(place(1, 51)))
        #expect(reached.includes(place(2, 80)) && !reached.includes(place(2, 81)))
    }

    @Test func `an end before the fork is of the ancestor's log`() {
        for end in [LSN(40), LSN(50)] {
            var (byHistory, byLog) = (ReachedLog(), ReachedLog())
            byHistory.extend(to: end, on: Timeline(2), Self.history)
            byLog.extend(to: LogExtent(Lineage(of: Timeline(2), Self.history), end: end))
            #expect(byHistory.ends == [.first: end])
            #expect(byLog == byHistory)
        }
    }

    @Test func `what reached it before stays known`() {
        var former = ReachedLog()
        former.extend(to: LSN(100), on: .first)
        var present = ReachedLog()
        present.extend(to: LSN(50), on: Timeline(2), TimelineHistory())
        present.merge(former)
        #expect(present.includes(place(1, 100)) && present.includes(place(2, 50)))
    }
}
