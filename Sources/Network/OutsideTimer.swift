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
