import NIOCore

/// A bound of real time for what an outside program is waited for: it has no share in the lab's
/// clock, and may never answer. Nothing that happens between the lab's own nodes may hang on one.
///
/// - Touched on the lab's loop only.
public final class OutsideTimer {
    private let scheduled: Scheduled<Void>

    fileprivate init(_ scheduled: Scheduled<Void>) {
        self.scheduled = scheduled
    }

    /// Takes it back; without effect once it has fired.
    public func cancel() {
        scheduled.cancel()
    }
}

extension LabLoop {
    /// Calls `body` once, on the loop, when so much real time has passed. What it sets off counts
    /// as moving while it is set off; the waiting does not. Loop only.
    public func afterRealTime(
        _ duration: Duration, _ body: @escaping () -> Void
    ) -> OutsideTimer {
        let work = LoopConfined(value: { [ledger] in ledger.during(body) })
        let (seconds, attoseconds) = duration.components
        let wait = TimeAmount.seconds(seconds) + .nanoseconds(attoseconds / 1_000_000_000)
        return OutsideTimer(loop.scheduleTask(in: wait) { work.value() })
    }
}

/// Something that an outside program is expected to do soon, such as to confirm what it was sent.
/// It counts as moving until it is done, or until its bound of real time has passed.
///
/// - Touched on the lab's loop only.
public final class OutsideWait {
    private let ledger: SettleLedger
    private var timer: OutsideTimer?
    private var isOver = false

    fileprivate init(_ ledger: SettleLedger) {
        self.ledger = ledger
        ledger.beginOutsideWait()
    }

    fileprivate func limit(_ timer: OutsideTimer) {
        self.timer = timer
    }

    /// It was done, or is not waited for any longer. Once is enough.
    public func end() {
        guard !isOver else { return }
        isOver = true
        timer?.cancel()
        timer = nil
        ledger.endOutsideWait()
    }
}

extension LabLoop {
    /// Waits for an outside program: the lab is not still before `end`, or before so much real time
    /// has passed, when `gaveUp` is called. Loop only.
    public func awaitOutside(
        atMost bound: Duration, gaveUp: @escaping () -> Void
    ) -> OutsideWait {
        let wait = OutsideWait(ledger)
        wait.limit(
            afterRealTime(bound) {
                gaveUp()
                wait.end()
            })
        return wait
    }
}
