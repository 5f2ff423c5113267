import LabClock
import Testing
import WALFormat

@testable import Cluster

/// Which promotion a lost commit is charged to.
struct LossCauseTests {
    /// 1 is left at 100 for 2, and again at 90 for 3, by a replica that was further behind.
    private let cause: LossCause = {
        var forks = TimelineForks()
        forks.note(Timeline(2), .init(parent: .first, switchpoint: LSN(100), commits: 0))
        forks.note(Timeline(3), .init(parent: .first, switchpoint: LSN(90), commits: 0))
        let failovers = [
            Failover(
                node: "r1", timeline: Timeline(2), at: .start, oldPrimary: "p",
                left: LogPosition(.first, LSN(120))),
            Failover(
                node: "r2", timeline: Timeline(3), at: .start, oldPrimary: "r1",
                left: LogPosition(Timeline(2), LSN(150))),
        ]
        return LossCause(failovers) { forks.lineage(of: $0) }
    }()

    private func loser(_ timeline: UInt32, _ lsn: UInt64) -> UInt32? {
        cause.timeline(of: LogPosition(Timeline(timeline), LSN(lsn)))?.rawValue
    }

    @Test func `the promotion that left a log which had it for one which had not`() {
        #expect(loser(1, 110) == 2)
        #expect(loser(1, 95) == 3)
        #expect(loser(2, 130) == 3)
    }

    @Test func `a log that had been left already when the client was told`() {
        #expect(loser(1, 500) == 2)
        #expect(loser(2, 500) == 3)
    }

    @Test func `what every promotion took along no promotion has lost`() {
        #expect(loser(1, 80) == nil)
        #expect(loser(3, 95) == nil)
    }
}
