import Replication
import Testing
import WALFormat
import WireProtocol

/// How a replica judges an upstream that says nothing, and when it speaks unasked.
struct ReceiverLivenessTests {
    private func report(
        at time: PostgresTime, replyRequested: Bool = false
    ) -> [WALReceiver.Action] {
        let here = LSN(0x1000)
        return [
            .sendStatus(
                StandbyStatus(
                    write: here, flush: here, apply: here, sentAt: time,
                    replyRequested: replyRequested))
        ]
    }

    private func givenUp(_ timeout: Duration = .seconds(60)) -> [WALReceiver.Action] {
        [
            .report(.timedOut(after: timeout)), .disconnect,
        ]
    }

    /// A stream that has made its first report.
    private func streaming(
        _ change: (inout WALReceiver.Timing) -> Void = { _ in }
    ) -> WALReceiver {
        var receiver = WALReceiver.streaming(from: 0x1000)
        change(&receiver.timing)
        _ = receiver.quiet(now: instant)
        return receiver
    }

    @Test func `positions are reported every ten seconds, though nothing has changed`() {
        var receiver = streaming()
        #expect(receiver.nextDeadline == after(.seconds(10)))
        #expect(receiver.deadlineReached(now: after(.milliseconds(9_999))) == [])
        #expect(
            receiver.deadlineReached(now: after(.seconds(10))) == report(at: after(.seconds(10))))
        #expect(receiver.nextDeadline == after(.seconds(20)))
        #expect(receiver.deadlineReached(now: after(.seconds(10))) == [])
    }

    @Test func `after half the timeout it asks for a word, after all of it it hangs up`() {
        var receiver = streaming { $0.statusInterval = .zero }
        #expect(receiver.nextDeadline == after(.seconds(30)))
        #expect(receiver.deadlineReached(now: after(.milliseconds(29_999))) == [])
        #expect(
            receiver.deadlineReached(now: after(.seconds(30)))
                == report(at: after(.seconds(30)), replyRequested: true))
        #expect(receiver.nextDeadline == after(.seconds(60)))
        #expect(receiver.deadlineReached(now: after(.milliseconds(59_999))) == [])
        #expect(receiver.deadlineReached(now: after(.seconds(60))) == givenUp())
        #expect(receiver.phase == .waiting(until: after(.seconds(65))))
        #expect(receiver.nextDeadline == after(.seconds(65)))
        #expect(receiver.deadlineReached(now: after(.milliseconds(64_999))) == [])
        #expect(receiver.deadlineReached(now: after(.seconds(90))) == [.dial])
    }

    @Test func `any word starts the time anew`() {
        var receiver = streaming { $0.statusInterval = .zero }
        _ = receiver.deadlineReached(now: after(.seconds(30)))
        _ = receiver.received(Upstream.keepalive(replyRequested: false), now: after(.seconds(59)))
        #expect(receiver.nextDeadline == after(.seconds(89)))
        #expect(receiver.deadlineReached(now: after(.seconds(60))) == [])
        #expect(
            receiver.deadlineReached(now: after(.seconds(89)))
                == report(at: after(.seconds(89)), replyRequested: true))
    }

    @Test func `its own reports are no word of the upstream's`() {
        var receiver = streaming()
        for second in [10, 20] {
            _ = receiver.deadlineReached(now: after(.seconds(second)))
        }
        #expect(
            receiver.deadlineReached(now: after(.seconds(30)))
                == report(at: after(.seconds(30)), replyRequested: true))
        for second in [40, 50] {
            #expect(
                receiver.deadlineReached(now: after(.seconds(second)))
                    == report(at: after(.seconds(second))))
        }
        #expect(receiver.deadlineReached(now: after(.seconds(60))) == givenUp())
    }

    @Test func `a timeout of zero waits for ever`() {
        var receiver = streaming {
            $0.timeout = .zero
            $0.statusInterval = .zero
        }
        #expect(receiver.nextDeadline == nil)
        #expect(receiver.deadlineReached(now: after(.seconds(1_000_000))) == [])
    }

    @Test func `a status interval of zero reports nothing unasked`() {
        var receiver = WALReceiver.streaming(from: 0x1000)
        receiver.timing.statusInterval = .zero
        _ = receiver.hearsWAL(at: 0x1000, [1])
        receiver.walFlushed(upTo: LSN(0x1001))
        #expect(receiver.quiet(now: instant) == [])
        #expect(receiver.hears([Upstream.keepalive(replyRequested: true)]).count == 1)
    }

    @Test func `an upstream that never greets or never answers is given up, too`() {
        var dialling = WALReceiver(flush: 0x1000)
        _ = dialling.connect()
        var greeting = dialling
        _ = greeting.dialled(now: after(.seconds(1)))
        var asking = greeting
        for message in Upstream.greeting {
            _ = asking.received(message, now: after(.seconds(2)))
        }
        var starting = asking
        for message in Upstream.identity(timeline: 1) {
            _ = starting.received(message, now: after(.seconds(3)))
        }
        let machines = [dialling, greeting, asking, starting]
        #expect(machines.map(\.nextDeadline) == (60...63).map { after(.seconds($0)) })
        for (index, machine) in machines.enumerated() {
            var machine = machine
            // There is nothing to ask before the stream begins.
            #expect(machine.deadlineReached(now: after(.seconds(59))) == [])
            // Nor anything to tell: no stream is lost.
            #expect(
                machine.deadlineReached(now: after(.seconds(60 + index)))
                    == Array(givenUp().dropFirst()))
        }
    }

    @Test func `a dial is given up as often as it is tried`() {
        var receiver = WALReceiver(flush: 0x1000)
        _ = receiver.connect()
        _ = receiver.deadlineReached(now: after(.seconds(60)))
        #expect(receiver.deadlineReached(now: after(.seconds(65))) == [.dial])
        #expect(receiver.nextDeadline == after(.seconds(125)))
    }

    @Test func `while the own disk is busy with a new timeline, the upstream may be silent`() {
        var receiver = WALReceiver.greeted(flush: 0x2000)
        let history = TimelineHistory(forks: 0x2000)
        _ = receiver.hears(Upstream.identity(timeline: 2) + Upstream.history(2, history))
        _ = receiver.hears(Upstream.end(next: 2, at: 0x2000))
        #expect(receiver.phase == .switching)
        #expect(receiver.nextDeadline == nil)
        #expect(receiver.deadlineReached(now: after(.seconds(3600))) == [])
        _ = receiver.timelineSwitched(to: Timeline(2), now: after(.seconds(3600)))
        #expect(receiver.nextDeadline == after(.seconds(3660)))
    }

    @Test func `the next try comes when it was told to`() {
        var receiver = streaming { $0.retryInterval = .seconds(1) }
        #expect(
            receiver.connectionClosed() == [.report(.disconnected(retryAfter: .seconds(1)))])
        #expect(receiver.nextDeadline == after(.seconds(1)))
        #expect(receiver.deadlineReached(now: after(.seconds(1))) == [.dial])
    }

    @Test func `it streams over the slot it was given`() {
        var receiver = WALReceiver.greeted(flush: 0x1000)
        receiver.slot = "r1"
        #expect(
            receiver.hears(Upstream.identity(timeline: 1))
                == [.command("START_REPLICATION SLOT \"r1\" 0/1000 TIMELINE 1")])
    }

    @Test(arguments: [0, 1, 59, 60, 61, 3600, 1 << 40])
    func `what is due is done once, and the deadline moves on`(_ seconds: Int) {
        var receiver = streaming()
        let now = after(.seconds(seconds))
        _ = receiver.deadlineReached(now: now)
        #expect(receiver.deadlineReached(now: now) == [])
        #expect(receiver.nextDeadline.map { $0 > now } ?? true)
    }
}
