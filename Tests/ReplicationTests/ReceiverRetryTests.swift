import Replication
import Testing
import WALFormat
import WireProtocol

/// An upstream that cannot be followed is looked at again, as by PostgreSQL's walreceiver every
/// `wal_retrieve_retry_interval`.
struct ReceiverRetryTests {
    private let refusal = WALReceiver.Refusal.diverged(
        own: LSN(0x2008), timeline: .first, fork: LSN(0x2000), upstream: Timeline(2))
    private let two = TimelineHistory(forks: 0x2000)

    /// A replica whose upstream has just turned out to have left its timeline before its end.
    private func diverged() -> WALReceiver {
        var receiver = WALReceiver.greeted(flush: 0x2008)
        _ = receiver.hears(Upstream.identity(timeline: 2) + Upstream.history(2, two))
        return receiver
    }

    /// The next try, up to the upstream's answer.
    private func lookAgain(
        _ receiver: inout WALReceiver, _ answer: [BackendMessage]
    ) -> [WALReceiver.Action] {
        #expect(receiver.retryDue() == [.dial])
        _ = receiver.dialled() + receiver.hears(Upstream.greeting)
        return receiver.hears(answer)
    }

    @Test func `a diverged replica tries again after the interval, and not before`() {
        var receiver = diverged()
        #expect(receiver.refusal == refusal)
        #expect(receiver.nextDeadline == after(.seconds(5)))
        #expect(receiver.deadlineReached(now: after(.milliseconds(4999))) == [])
        #expect(receiver.deadlineReached(now: after(.seconds(5))) == [.dial])
        // It is known to have diverged until it hears otherwise.
        #expect(receiver.refusal == refusal)
    }

    @Test func `the same refusal is told once, another one is news`() {
        var receiver = diverged()
        let same = lookAgain(
            &receiver, Upstream.identity(timeline: 2) + Upstream.history(2, two))
        #expect(same == [.command("TIMELINE_HISTORY 2"), .disconnect])
        let other = lookAgain(
            &receiver, Upstream.identity(timeline: 1, cluster: 42))
        let news = WALReceiver.Refusal.otherCluster(own: clusterNumber, theirs: 42)
        #expect(other == WALReceiver.Action.stop(news))
        #expect(receiver.refusal == news)
    }

    @Test func `an upstream that has become one it can follow is followed`() {
        var receiver = diverged()
        let answer = lookAgain(&receiver, Upstream.identity(timeline: 1))
        #expect(answer == [.command("START_REPLICATION 0/2008 TIMELINE 1")])
        #expect(receiver.refusal == refusal)
        _ = receiver.hears([.copyBothResponse()])
        #expect(receiver.isStreaming)
        #expect(receiver.refusal == nil)
    }

    @Test func `an upstream that is gone for a while changes nothing about the refusal`() {
        var receiver = diverged()
        #expect(receiver.retryDue() == [.dial])
        #expect(receiver.connectionClosed() == [])
        #expect(receiver.refusal == refusal)
        #expect(receiver.retryAt != nil)
    }

    @Test func `what an upstream would be refused for is told by what it answers from`() {
        let receiver = diverged()
        #expect(receiver.refusal(by: WALSender.Server(flush: 0x9000, history: two)) == refusal)
        let late = TimelineHistory(forks: 0x2008)
        #expect(receiver.refusal(by: WALSender.Server(flush: 0x9000, history: late)) == nil)
        #expect(receiver.refusal(by: WALSender.Server(flush: 0x9000)) == nil)
        let ahead = WALReceiver(flush: 0x2008, timeline: 3)
        #expect(
            ahead.refusal(by: WALSender.Server(flush: 0x9000, history: two))
                == .notAnAncestor(own: Timeline(3), upstream: Timeline(2)))
    }

    @Test(arguments: [(5, 5), (6, 10), (10, 10), (3_600_001, 3_600_005)])
    func `tries that were left out leave the next one where it would have been`(
        _ now: Int64, _ next: Int64
    ) {
        func at(_ seconds: Int64) -> PostgresTime {
            PostgresTime(microseconds: instant.microseconds + seconds * 1_000_000)
        }
        var receiver = diverged()
        receiver.retriesLeftOut(now: at(now))
        #expect(receiver.nextDeadline == at(next))
    }

    @Test func `a try that comes while the disk is busy is made when all is durable`() {
        var receiver = WALReceiver.streaming(from: 0x2000)
        _ = receiver.hearsWAL(at: 0x2000, [1, 2, 3, 4])
        receiver.walWritten(upTo: LSN(0x2004))
        _ = receiver.connectionClosed()
        #expect(receiver.retryDue() == [])
        #expect(receiver.phase == .flushing)
        #expect(receiver.nextDeadline == nil && receiver.retryAt == nil)
        // What the old connection still says counts for nothing, nor does its end.
        #expect(receiver.hearsWAL(at: 0x2004, [5]) == [])
        #expect(receiver.dialled() == [.disconnect])
        #expect(receiver.connectionClosed() == [])
        #expect(receiver.phase == .flushing)
        receiver.walFlushed(upTo: LSN(0x2004))
        #expect(receiver.quiet(now: after(.seconds(7))) == [.dial])
        _ = receiver.dialled() + receiver.hears(Upstream.greeting)
        #expect(
            receiver.hears(Upstream.identity(timeline: 1))
                == [.command("START_REPLICATION 0/2004 TIMELINE 1")])
    }

    @Test func `what the disk had no room for is asked for again at the next quiet moment`() {
        var receiver = WALReceiver.streaming(from: 0x2000)
        _ = receiver.hearsWAL(at: 0x2000, [1, 2, 3, 4])
        _ = receiver.connectionClosed()
        #expect(receiver.retryDue() == [])
        #expect(receiver.quiet(now: after(.seconds(5))) == [.dial])
        _ = receiver.dialled() + receiver.hears(Upstream.greeting)
        #expect(
            receiver.hears(Upstream.identity(timeline: 1))
                == [.command("START_REPLICATION 0/2000 TIMELINE 1")])
    }

    @Test func `a stop ends a try that waits for the disk`() {
        var receiver = WALReceiver.streaming(from: 0x2000)
        _ = receiver.hearsWAL(at: 0x2000, [1])
        _ = receiver.connectionClosed()
        _ = receiver.retryDue()
        #expect(receiver.stop() == [])
        #expect(receiver.phase == .idle)
        #expect(receiver.quiet(now: after(.seconds(5))) == [])
    }
}
