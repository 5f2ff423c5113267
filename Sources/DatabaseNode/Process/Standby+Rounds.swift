package import LabClock
internal import Replication
internal import WALFormat
internal import WireProtocol

// A standby whose stream goes round.
extension Standby {
    /// Whether all that was received is durable and replayed, as far as its last whole record.
    package var isSettled: Bool { received.isDurable && startup.isCaughtUp }

    /// Whether there is nothing to do but to wait for a reader.
    var waitsForReader: Bool { received.isDurable && replay.wait != nil }

    /// What it is while nothing moves, its times seen from now; nil: it is busy.
    package struct Standing: Hashable {
        fileprivate let receiver: WALReceiver
        fileprivate let timeLeft: Duration?
        fileprivate let lastRefusal: ServerError?
    }

    /// - Parameter start: what happened before that is told by its own time.
    package func standing(since start: LabInstant) -> Standing? {
        // On a disk that has failed, what arrived never gets durable: that is no work under way.
        // Nor is it one to wait for a reader.
        guard isSettled || waitsForReader || process.log.failure != nil else { return nil }
        var receiver = receiver
        receiver.postpone(by: -time.microseconds, since: LabTime.postgres(start))
        return Standing(
            receiver: receiver, timeLeft: deadline.timeLeft, lastRefusal: lastRefusal)
    }

    /// The timer it has set.
    package var timer: TimerQueue<() -> Void>.Token? { deadline.token }

    /// Whether anything has happened to it at this instant.
    package var isActive: Bool { receiver.lastEvent == time }
}
