import LabClock
import Network
import Storage
import WALFormat

/// The shell of a standby's replay: the clock that says how far it is. PostgreSQL: the startup
/// process.
///
/// - It is looked at whenever the lab comes to rest; in between, nobody sees how far it is. So one
///   timer is enough: for when the last record that is there is done, or the first that a reader
///   may be in the way of; and while one is, for when the reader's time is over.
final class StartupProcess {
    private(set) var replay: Replay
    private let lab: LabLoop
    private let deadline: Deadline

    /// - Parameter caughtUp: called when the last record that was there may be done.
    init(
        _ replay: Replay, of name: String, cost: ReplayCost, lab: LabLoop,
        suspension: Suspension, caughtUp: @escaping () -> Void
    ) {
        self.replay = replay
        self.lab = lab
        deadline = Deadline(
            lab: lab, owner: "replay \(name)", suspension: suspension, reached: caughtUp)
        take(cost)
    }

    /// Whether every whole record that it was fed is replayed.
    var isCaughtUp: Bool { replay.isCaughtUp }

    /// More of the log is durable.
    func feed(_ bytes: [UInt8], upTo end: LSN) {
        replay.feed(bytes, upTo: end, now: lab.stepper.now)
    }

    /// Replay takes so long, from the next record on.
    func take(_ cost: ReplayCost) {
        replay.take(cost, now: lab.stepper.now)
        deadline.cancel()
        deadline.move(to: replay.nextLook)
    }

    /// Replays what there is and whose time is over; says, once, that it has to stop.
    ///
    /// - Parameters:
    ///   - delay: `max_standby_streaming_delay`.
    ///   - step: replays on the table what nobody is in the way of, and is called again when that
    ///     is over.
    ///   - cancel: ends those readers, at once, that are in the way of a record which has waited
    ///     for long enough.
    func run(
        delay: Duration, step: (inout Replay, LabInstant) -> Replay.Stop?,
        cancel: (ReplayWait) -> Void
    ) -> Replay.Stop? {
        while true {
            let stop = step(&replay, lab.stepper.now)
            guard stop == nil, let wait = replay.wait else {
                deadline.move(to: replay.nextLook)
                return stop
            }
            let limit = wait.limit(delay)
            guard let limit, limit <= lab.stepper.now else {
                deadline.move(to: limit)
                return nil
            }
            cancel(wait)
        }
    }

    /// A power loss.
    func kill() { deadline.cancel() }
}
