import Testing
import WALFormat
import WireProtocol

@testable import Cluster
@testable import DatabaseNode

/// What a node knows of a replica's lag.
struct SenderProgressTests {
    @Test func `a lag is the time from sending to the replica's report`() {
        func time(_ seconds: Int64) -> PostgresTime {
            PostgresTime(microseconds: seconds * 1_000_000)
        }
        func status(_ write: UInt64, _ flush: UInt64, _ apply: UInt64) -> StandbyStatus {
            StandbyStatus(write: LSN(write), flush: LSN(flush), apply: LSN(apply), sentAt: time(0))
        }
        var progress = SenderProgress(startedAt: time(0))
        progress.replied(status(100, 100, 100), sent: LSN(100), at: time(0))
        #expect(progress.lags.isEmpty)
        progress.sent(upTo: LSN(200), at: time(1))
        progress.sent(upTo: LSN(300), at: time(2))
        progress.replied(status(300, 200, 100), sent: LSN(300), at: time(4))
        #expect(progress.lags[.write] == 2_000_000)
        #expect(progress.lags[.flush] == 3_000_000)
        // It has not applied what was sent at 1 s: at least so long.
        #expect(progress.lags[.apply] == 3_000_000)
        progress.replied(status(300, 300, 300), sent: LSN(300), at: time(5))
        #expect(progress.lags[.apply] == 3_000_000)
        #expect(progress.lags[.write] == 2_000_000)
        progress.replied(status(300, 300, 300), sent: LSN(300), at: time(15))
        #expect(progress.lags.isEmpty)
    }

    @Test func `a replica that never reports costs a bounded number of samples`() {
        var progress = SenderProgress(startedAt: PostgresTime(microseconds: 0))
        for number in 1...UInt64(3 * SenderProgress.maximumSampleCount) {
            progress.sent(upTo: LSN(number), at: PostgresTime(microseconds: Int64(number)))
        }
        #expect(progress.sampleCount == SenderProgress.maximumSampleCount)
    }
}
