package import LabClock
package import Network
import Replication
package import WALFormat

/// The one timer of a machine that says when it wants to be looked at.
///
/// A machine's deadline mostly moves on: so the timer is left where it is, and when it fires the
/// machine, which finds nothing due, is asked again.
///
/// - Touched on the lab's loop only.
package final class Deadline {
    private let lab: LabLoop
    private let owner: String
    private let suspension: Suspension?
    private let reached: () -> Void
    /// It has fired while the machine's process was stopped.
    private var isMissed = false
    private var timer: (token: TimerQueue<() -> Void>.Token, at: LabInstant)?

    /// - Parameters:
    ///   - suspension: of the process whose timer it is: while that is stopped, nobody hears of it.
    ///   - reached: called when the instant asked for has come, or an earlier one.
    package init(
        lab: LabLoop, owner: String, suspension: Suspension? = nil,
        reached: @escaping () -> Void
    ) {
        self.lab = lab
        self.owner = owner
        self.suspension = suspension
        self.reached = reached
    }

    /// Sees to it that `reached` is called at that time at the latest; nil: it need not be.
    package func move(to time: PostgresTime?) {
        move(to: time.map(LabTime.instant))
    }

    /// The same, at an instant of the lab's clock.
    package func move(to instant: LabInstant?) {
        guard let instant else { return }
        if let timer {
            guard instant < timer.at else { return }
            lab.stepper.cancel(timer.token)
        }
        set(to: instant)
    }

    private func set(to instant: LabInstant) {
        let token = lab.stepper.schedule(at: instant, owner: owner) { [weak self] in
            guard let self else { return }
            timer = nil
            fired()
        }
        timer = (token, instant)
    }

    private func fired() {
        guard let suspension, suspension.isOn else { return reached() }
        isMissed = true
        suspension.afterwards { [weak self] in
            guard let self, isMissed else { return }
            isMissed = false
            // Behind what has come meanwhile, which may be what it waits for.
            if timer == nil { set(to: lab.stepper.now) }
        }
    }

    /// The timer that is set; nil when none is.
    package var token: TimerQueue<() -> Void>.Token? { timer?.token }

    /// How long it is until the timer fires; nil when none is set.
    package var timeLeft: Duration? { timer.map { $0.at.since(lab.stepper.now) } }

    /// Sets the timer so much later.
    package func postpone(by duration: Duration) {
        guard let timer else { return }
        lab.stepper.cancel(timer.token)
        set(to: timer.at.advanced(by: duration))
    }

    /// Takes the timer off.
    package func cancel() {
        if let timer { lab.stepper.cancel(timer.token) }
        timer = nil
        isMissed = false
    }
}
