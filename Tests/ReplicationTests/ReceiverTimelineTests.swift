import Replication
import Testing
import WALFormat
import WireProtocol

/// A replica follows its upstream to later timelines, or finds that it must not.
struct ReceiverTimelineTests {
    private let two = TimelineHistory(forks: 0x2000)
    private let three = TimelineHistory(forks: 0x2000, 0x3000)

    @Test func `a promoted upstream is followed from the fork`() {
        var receiver = WALReceiver.greeted(flush: 0x1000)
        #expect(
            receiver.hears(Upstream.identity(timeline: 2)) == [.command("TIMELINE_HISTORY 2")])
        #expect(
            receiver.hears(Upstream.history(2, two))
                == [
                    .storeHistory(Timeline(2), two),
                    .command("START_REPLICATION 0/1000 TIMELINE 1"),
                ])
        _ = receiver.hears([.copyBothResponse()])
        _ = receiver.hearsWAL(at: 0x1000, [UInt8](repeating: 0, count: 0x1000))
        #expect(receiver.hears([.copyDone]) == [.send(.copyDone)])
        receiver.walFlushed(upTo: LSN(0x2000))
        #expect(
            receiver.hears(Upstream.end(next: 2, at: 0x2000))
                == [.switchTimeline(Timeline(2), two)])
        #expect(receiver.phase == .switching)
        #expect(receiver.timeline == .first)
        #expect(
            receiver.timelineSwitched(to: Timeline(2))
                == [
                    .report(.followed(Timeline(2), from: LSN(0x2000))),
                    .command("START_REPLICATION 0/2000 TIMELINE 2"),
                ])
        #expect(
            receiver.hears([.copyBothResponse()])
                == [.report(.streaming(from: LSN(0x2000), timeline: Timeline(2)))])
        #expect(
            receiver.hearsWAL(at: 0x2000, [5])
                == [.writeWAL(Timeline(2), at: LSN(0x2000), bytes: [5])])
    }

    @Test func `the next timeline waits until all before it is durable`() {
        var receiver = WALReceiver.greeted(flush: 0x1000)
        _ = receiver.hears(Upstream.identity(timeline: 2) + Upstream.history(2, two))
        _ = receiver.hears([.copyBothResponse()])
        _ = receiver.hearsWAL(at: 0x1000, [UInt8](repeating: 0, count: 0x1000))
        #expect(receiver.hears([.copyDone] + Upstream.end(next: 2, at: 0x2000)).count == 1)
        receiver.walWritten(upTo: LSN(0x2000))
        receiver.walFlushed(upTo: LSN(0x1FFF))
        #expect(receiver.quiet(now: instant) == [])
        receiver.walFlushed(upTo: LSN(0x2000))
        #expect(receiver.quiet(now: instant) == [.switchTimeline(Timeline(2), two)])
        #expect(receiver.quiet(now: instant) == [])
    }

    @Test func `a connection lost before the end was durable finds it again`() {
        var receiver = WALReceiver.greeted(flush: 0x1FFF)
        _ = receiver.hears(Upstream.identity(timeline: 2) + Upstream.history(2, two))
        _ = receiver.hears([.copyBothResponse()])
        _ = receiver.hearsWAL(at: 0x1FFF, [0])
        _ = receiver.hears([.copyDone] + Upstream.end(next: 2, at: 0x2000))
        _ = receiver.connectionClosed() + receiver.retryDue()
        #expect(receiver.quiet(now: instant) == [.dial])
        #expect(receiver.dialled().count == 1)
        _ = receiver.hears(Upstream.greeting + Upstream.identity(timeline: 2))
        #expect(
            receiver.hears(Upstream.history(2, two)).last
                == .command("START_REPLICATION 0/1FFF TIMELINE 1"))
    }

    @Test func `a log that ends exactly at the fork goes on without a stream between`() {
        var receiver = WALReceiver.greeted(flush: 0x2000)
        _ = receiver.hears(Upstream.identity(timeline: 2))
        _ = receiver.hears(Upstream.history(2, two))
        #expect(
            receiver.hears(Upstream.end(next: 2, at: 0x2000))
                == [.switchTimeline(Timeline(2), two)])
        #expect(
            receiver.timelineSwitched(to: Timeline(2)).last
                == .command("START_REPLICATION 0/2000 TIMELINE 2"))
    }

    @Test func `two promotions are followed one after the other`() {
        var receiver = WALReceiver.greeted(flush: 0x2000)
        _ = receiver.hears(Upstream.identity(timeline: 3))
        _ = receiver.hears(Upstream.history(3, three))
        #expect(
            receiver.hears(Upstream.end(next: 2, at: 0x2000))
                == [.switchTimeline(Timeline(2), two)])
        _ = receiver.timelineSwitched(to: Timeline(2)) + receiver.hears([.copyBothResponse()])
        _ = receiver.hearsWAL(at: 0x2000, [UInt8](repeating: 0, count: 0x1000))
        _ = receiver.hears([.copyDone])
        receiver.walFlushed(upTo: LSN(0x3000))
        #expect(
            receiver.hears(Upstream.end(next: 3, at: 0x3000))
                == [.switchTimeline(Timeline(3), three)])
        #expect(
            receiver.timelineSwitched(to: Timeline(3))
                == [
                    .report(.followed(Timeline(3), from: LSN(0x3000))),
                    .command("START_REPLICATION 0/3000 TIMELINE 3"),
                ])
    }

    @Test func `a history is on disk before the stream is asked for`() {
        var receiver = WALReceiver.greeted(flush: 0x1000)
        _ = receiver.hears(Upstream.identity(timeline: 2))
        let reply = Upstream.history(2, two)
        var heard: [WALReceiver.Action] = []
        for message in reply { heard += receiver.received(message, now: instant) }
        #expect(heard == [.storeHistory(Timeline(2), two)])
        #expect(receiver.phase == .storingHistory(Timeline(2)))
        #expect(receiver.nextDeadline == nil)
        #expect(receiver.historyStored(Timeline(3)) == [])
        #expect(
            receiver.historyStored(Timeline(2)) == [.command("START_REPLICATION 0/1000 TIMELINE 1")]
        )
        #expect(receiver.historyStored(Timeline(2)) == [])
    }

    @Test func `a history stored for a connection that is gone starts no stream`() {
        var receiver = WALReceiver.greeted(flush: 0x1000)
        _ = receiver.hears(Upstream.identity(timeline: 2))
        for message in Upstream.history(2, two) { _ = receiver.received(message, now: instant) }
        #expect(receiver.connectionClosed() == [])
        #expect(receiver.historyStored(Timeline(2)) == [])
        #expect(receiver.retryAt != nil)
    }

    @Test func `an upstream promoted in mid-stream is asked for the history then`() {
        var receiver = WALReceiver.streaming(from: 0x2000)
        #expect(receiver.hears([.copyDone]) == [.send(.copyDone)])
        #expect(
            receiver.hears(Upstream.end(next: 2, at: 0x2000))
                == [.command("TIMELINE_HISTORY 2")])
        #expect(
            receiver.hears(Upstream.history(2, two))
                == [
                    .storeHistory(Timeline(2), two),
                    .command("START_REPLICATION 0/2000 TIMELINE 1"),
                ])
        #expect(
            receiver.hears(Upstream.end(next: 2, at: 0x2000))
                == [.switchTimeline(Timeline(2), two)])
    }

    @Test func `a log past the fork has diverged`() {
        var receiver = WALReceiver.greeted(flush: 0x2008)
        _ = receiver.hears(Upstream.identity(timeline: 2))
        let refusal = WALReceiver.Refusal.diverged(
            own: LSN(0x2008), timeline: .first, fork: LSN(0x2000), upstream: Timeline(2))
        #expect(receiver.hears(Upstream.history(2, two)) == WALReceiver.Action.stop(refusal))
        #expect(receiver.refusal == refusal)
    }

    @Test func `a log past a fork that is told at the end of the stream has diverged`() {
        var receiver = WALReceiver.streaming(from: 0x2008)
        _ = receiver.hears([.copyDone])
        #expect(
            receiver.hears(Upstream.end(next: 2, at: 0x2000))
                == WALReceiver.Action.stop(
                    .diverged(
                        own: LSN(0x2008), timeline: .first, fork: LSN(0x2000),
                        upstream: Timeline(2))))
    }

    @Test func `a timeline that is not in the upstream's history is a branch of its own`() {
        var receiver = WALReceiver.greeted(flush: 0x2000, timeline: 2)
        _ = receiver.hears(Upstream.identity(timeline: 3))
        #expect(
            receiver.hears(Upstream.history(3, TimelineHistory(forks: 0x1000)))
                == WALReceiver.Action.stop(.notAnAncestor(own: Timeline(2), upstream: Timeline(3)))
        )
    }

    @Test func `a connection lost during the switch finds the disk's work done`() {
        var receiver = WALReceiver.greeted(flush: 0x2000)
        _ = receiver.hears(Upstream.identity(timeline: 2) + Upstream.history(2, two))
        _ = receiver.hears(Upstream.end(next: 2, at: 0x2000))
        _ = receiver.connectionClosed()
        #expect(receiver.timelineSwitched(to: Timeline(2)) == [])
        #expect(receiver.timeline == Timeline(2))
        _ = receiver.retryDue() + receiver.dialled() + receiver.hears(Upstream.greeting)
        #expect(
            receiver.hears(Upstream.identity(timeline: 2))
                == [.command("START_REPLICATION 0/2000 TIMELINE 2")])
    }

    @Test func `a slow disk finishes its switch before the next stream starts`() {
        var receiver = WALReceiver.greeted(flush: 0x2000)
        _ = receiver.hears(Upstream.identity(timeline: 2) + Upstream.history(2, two))
        _ = receiver.hears(Upstream.end(next: 2, at: 0x2000))
        _ = receiver.connectionClosed() + receiver.retryDue() + receiver.dialled()
        _ = receiver.hears(Upstream.greeting + Upstream.identity(timeline: 2))
        #expect(
            receiver.hears(Upstream.history(2, two)) == [.storeHistory(Timeline(2), two)])
        #expect(
            receiver.timelineSwitched(to: Timeline(2)).last
                == .command("START_REPLICATION 0/2000 TIMELINE 2"))
        #expect(receiver.timelineSwitched(to: Timeline(2)) == [])
    }

    @Test func `what an earlier upstream said of its history binds no other`() {
        var receiver = WALReceiver.greeted(flush: 0x1000)
        _ = receiver.hears(Upstream.identity(timeline: 2) + Upstream.history(2, two))
        _ = receiver.connect() + receiver.dialled()
        _ = receiver.hears(Upstream.greeting + Upstream.identity(timeline: 1))
        _ = receiver.hears([.copyBothResponse()])
        let bytes = [UInt8](repeating: 0, count: 0x2000)
        #expect(
            receiver.hearsWAL(at: 0x1000, bytes)
                == [.writeWAL(.first, at: LSN(0x1000), bytes: bytes)])
    }

    @Test(arguments: [(1, 0x2000), (0, 0x2000), (2, 0x2001), (3, 0x2000)] as [(UInt32, UInt64)])
    func `an end that the history denies is a violation`(_ next: UInt32, _ fork: UInt64) {
        var receiver = WALReceiver.greeted(flush: 0x2000)
        _ = receiver.hears(Upstream.identity(timeline: 3) + Upstream.history(3, three))
        guard
            case .report(.protocolViolation) = receiver.hears(Upstream.end(next: next, at: fork))
                .first
        else {
            Issue.record("timeline \(next) from \(LSN(fork)) was followed")
            return
        }
    }

    @Test func `WAL past the end of the timeline is a violation`() {
        var receiver = WALReceiver.greeted(flush: 0x1FFF)
        _ = receiver.hears(Upstream.identity(timeline: 2) + Upstream.history(2, two))
        _ = receiver.hears([.copyBothResponse()])
        #expect(
            receiver.hearsWAL(at: 0x1FFF, [1, 2])
                == WALReceiver.Action.violation(
                    "WAL up to 0/2001 of timeline 1, which ends at 0/2000"))
    }

    @Test(arguments: [
        "", "1\n", "1\tnowhere\n", "2\t0/2000\n1\t0/3000\n", "1\t0/2000\tx\n5\t0/3000\ty\n",
    ])
    func `a history that is none is not believed`(_ text: String) {
        var receiver = WALReceiver.greeted(flush: 0x1000)
        _ = receiver.hears(Upstream.identity(timeline: 2))
        let reply = TimelineHistoryReply(
            fileName: "00000002.history", content: Array(text.utf8))
        let actions = receiver.hears(reply.messages + [.readyForQuery(.idle)])
        #expect(actions.contains(.disconnect))
    }

    @Test func `a history under another name is not believed`() {
        var receiver = WALReceiver.greeted(flush: 0x1000)
        _ = receiver.hears(Upstream.identity(timeline: 3))
        #expect(
            receiver.hears(Upstream.history(2, two))
                == WALReceiver.Action.violation("the history file 00000002.history for timeline 3")
        )
    }

    @Test func `the last timeline there can be is a timeline like others`() {
        var receiver = WALReceiver.greeted(flush: 0x2000)
        _ = receiver.hears(Upstream.identity(timeline: .max))
        _ = receiver.hears(Upstream.history(.max, two))
        #expect(
            receiver.hears(Upstream.end(next: .max, at: 0x2000))
                == [.switchTimeline(Timeline(.max), two)])
    }
}
