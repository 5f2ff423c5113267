package import LabClock

/// What the heartbeat's row says on each replica.
package struct Heartbeats: Hashable, Sendable {
    /// From one to the next.
    package let interval: Duration
    /// When the row was written that a replica has, by the replica's name.
    package let written: [String: LabInstant]

    /// How many there are within a time: each is a commit, and takes its time to make.
    package static func count(every interval: Duration, within duration: Duration) -> Int {
        guard interval > .zero else { return 0 }
        return Int(clamping: duration.wholeNanoseconds / max(1, interval.wholeNanoseconds))
    }
}
