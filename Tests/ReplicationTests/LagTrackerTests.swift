import Replication
import Testing
import WALFormat
import WireProtocol

/// What a WAL sender knows of its replica's lag, as a dialogue: WAL is sent, the replica reports.
struct LagTrackerTests {
    private var tracker = LagTracker()

    /// The log ended at `lsn` after so many milliseconds, and was sent.
    private mutating func sent(_ lsn: UInt64, at milliseconds: Int64) {
        tracker.sent(logEnd: LSN(lsn), at: Self.time(milliseconds))
    }

    /// The replica reported; gives the lags in milliseconds.
    private mutating func replied(
        _ write: UInt64, _ flush: UInt64, _ apply: UInt64, of sent: UInt64, at milliseconds: Int64
    ) -> [ReplicaStep: Int64] {
        let status = StandbyStatus(
            write: LSN(write), flush: LSN(flush), apply: LSN(apply), sentAt: Self.time(0))
        tracker.replied(status, sent: LSN(sent), at: Self.time(milliseconds))
        let lags = tracker.lags
        return ReplicaStep.allCases.reduce(into: [:]) { milliseconds, step in
            milliseconds[step] = lags[step].map { $0 / 1_000 }
        }
    }

    private static func time(_ milliseconds: Int64) -> PostgresTime {
        PostgresTime(microseconds: milliseconds * 1_000)
    }

    @Test mutating func `a lag is the time from the log's end to the report that it was reached`() {
        #expect(replied(100, 100, 100, of: 100, at: 0) == [:])
        sent(200, at: 1_000)
        sent(300, at: 2_000)
        #expect(
            replied(300, 200, 150, of: 300, at: 4_000)
                == [.write: 2_000, .flush: 3_000, .replay: 3_000])
        #expect(
            replied(300, 300, 300, of: 300, at: 5_000)
                == [.write: 2_000, .flush: 3_000, .replay: 3_000])
    }

    @Test mutating func `an idle sender forgets its lags at the second report of everything`() {
        sent(200, at: 0)
        #expect(replied(200, 200, 200, of: 200, at: 800)[.replay] == 800)
        #expect(replied(200, 200, 200, of: 200, at: 10_800) == [:])
    }

    @Test mutating func `a replay that is stuck between two samples lags more and more`() {
        sent(200, at: 0)
        sent(300, at: 1_000)
        #expect(replied(300, 300, 200, of: 300, at: 1_100)[.replay] == 1_100)
        // Half of the second stretch: its byte was the end at 500 ms.
        #expect(replied(300, 300, 250, of: 300, at: 2_000)[.replay] == 1_500)
        #expect(replied(300, 300, 250, of: 300, at: 4_000)[.replay] == 3_500)
    }

    @Test mutating func `moved on by rounds of reports, it lags as if it had heard them all`() {
        sent(200, at: 0)
        sent(300, at: 1_000)
        _ = replied(300, 250, 250, of: 300, at: 2_000)
        _ = replied(300, 250, 250, of: 300, at: 3_000)
        var moved = tracker
        _ = replied(300, 250, 250, of: 300, at: 13_000)
        moved.postpone(by: 10_000_000, since: Self.time(2_999))
        #expect(moved == tracker)
        // What was reported before the rounds began stays as it was.
        moved.postpone(by: 10_000_000, since: Self.time(13_001))
        #expect(moved == tracker)
    }

    @Test mutating func `a burst after an idle time is measured from its own first sample`() {
        sent(200, at: 0)
        _ = replied(200, 200, 200, of: 200, at: 10)
        sent(300, at: 60_000)
        #expect(replied(200, 200, 200, of: 300, at: 60_005)[.replay] == 5)
    }

    @Test mutating func `a replica that says nothing leaves the last figures as they were`() {
        sent(200, at: 0)
        _ = replied(200, 200, 200, of: 200, at: 10)
        sent(300, at: 1_000)
        #expect(tracker.lags[.replay] == 10_000)
    }

    @Test mutating func `the same end of the log is one sample`() {
        sent(200, at: 0)
        sent(200, at: 500)
        #expect(tracker.sampleCount == 1)
        #expect(replied(200, 200, 200, of: 200, at: 900)[.write] == 900)
    }

    @Test mutating func `a clock that goes back gives no lag`() {
        sent(200, at: 5_000)
        #expect(replied(200, 200, 200, of: 200, at: 4_000) == [:])
    }

    @Test mutating func `a replica that never reports costs a bounded number of samples`() {
        for number in 1...UInt64(3 * LagTracker.maximumSampleCount) {
            sent(number, at: Int64(number))
        }
        #expect(tracker.sampleCount == LagTracker.maximumSampleCount)
        let end = UInt64(3 * LagTracker.maximumSampleCount)
        #expect(replied(end, end, end, of: end, at: Int64(end) + 7)[.flush] == 7)
        #expect(tracker.sampleCount == 0)
    }

    @Test mutating func `idle senders are alike, whatever they have sent`() {
        var other = LagTrackerTests()
        sent(200, at: 0)
        other.sent(200, at: 0)
        other.sent(201, at: 0)
        for end in [UInt64(201), 201] {
            _ = replied(end, end, end, of: end, at: 10)
            _ = other.replied(end, end, end, of: end, at: 10)
        }
        sent(300, at: 20)
        other.sent(300, at: 20)
        for _ in 0..<2 {
            _ = replied(300, 300, 300, of: 300, at: 30)
            _ = other.replied(300, 300, 300, of: 300, at: 30)
        }
        #expect(tracker == other.tracker)
    }
}
