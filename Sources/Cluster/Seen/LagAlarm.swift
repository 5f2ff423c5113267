import LabClock

/// From where on a replica is too far behind. The chapter's alarms: 10 s, or 1 GB.
package struct LagLimits: Hashable, Sendable {
    /// The age of the oldest commit that is not replayed; zero: no alarm.
    package var time = Duration.seconds(10)
    /// Bytes of log that are not replayed; 0: no alarm.
    package var byteCount = 1 << 30

    /// The chapter's.
    package init() {}
}

/// A replica has come too far behind, or has caught up again.
package enum LagAlarm: Hashable, Sendable {
    /// It crossed a limit. What a promotion of it would cost at this instant is the RPO.
    case raised(Limit, behind: String, rpo: Int?)
    /// It is below every limit again.
    case over

    /// What it crossed.
    package enum Limit: Hashable, Sendable {
        case time(Duration)
        case bytes(Int)
    }
}
