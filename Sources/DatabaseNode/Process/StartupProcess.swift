import LabClock
import Network
import Storage
import WALFormat

/// The shell of a standby's replay: the clock that says how far it is. PostgreSQL: the startup
/// process.
///
/// - It is looked at whenever the lab comes to rest; in between, nobody sees how far it is. So one
///   timer is enough: for when the last record that is there is done.
final class StartupProcess {
    private(set) var replay: Replay
    private let lab: LabLoop
    private let deadline: Deadline

    /// - Parameter caughtUp: called when the last record that was there may be done.
    init(
        _ replay: Replay, of name: String, cost: ReplayCost, lab: LabLoop,
        caughtUp: @escaping () -> Void
    ) {
        self.replay = replay
        self.lab = lab
        deadline = Deadline(lab: lab, owner: "replay \(name)", reached: caughtUp)
        take(cost)
    }

    /// Whether every whole record that it was fed is replayed.
    var isCaughtUp: Bool { replay.caughtUpAt == nil }

    /// More of the log is durable.
    func feed(_ bytes: [UInt8]) { replay.feed(bytes) }

    /// Replay takes so long, from the next record on.
    func take(_ cost: ReplayCost) {
        replay.take(cost, now: lab.stepper.now)
        deadline.cancel()
        deadline.move(to: replay.caughtUpAt)
    }

    /// Replays what there is and whose time is over; says, once, that it has to stop.
    func run(on database: inout Database) -> Replay.Stop? {
        let stop = replay.run(on: &database, now: lab.stepper.now)
        deadline.move(to: replay.caughtUpAt)
        return stop
    }

    /// A power loss.
    func kill() { deadline.cancel() }
}
