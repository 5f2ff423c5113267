/// A setting that is a length of time, under PostgreSQL's name; lab time, unless it says otherwise.
package enum DurationSetting: String, CaseIterable, Sendable {
    /// How long a replica may say nothing until its sender gives it up; 0: for ever.
    case walSenderTimeout = "wal_sender_timeout"
    /// How long an upstream may say nothing until a replica gives it up; 0: for ever.
    case walReceiverTimeout = "wal_receiver_timeout"
    /// How often a replica reports its positions at the least; 0: only when it is asked.
    case walReceiverStatusInterval = "wal_receiver_status_interval"
    /// How long a replica waits between two tries to connect.
    case walRetrieveRetryInterval = "wal_retrieve_retry_interval"
    /// How long replay waits for readers that are in its way, from when it received what they are
    /// in the way of; below zero: for ever.
    case maxStandbyStreamingDelay = "max_standby_streaming_delay"
    /// How much real time an outside program may take until it is let in.
    case authenticationTimeout = "authentication_timeout"

    /// What it does, in one clause.
    package var explanation: String {
        switch self {
        case .walSenderTimeout: "a primary gives up a replica that is silent for so long"
        case .walReceiverTimeout: "a replica gives up an upstream that is silent for so long"
        case .walReceiverStatusInterval: "a replica reports its positions at least so often"
        case .walRetrieveRetryInterval: "lab time between two tries to connect"
        case .maxStandbyStreamingDelay:
            "replay waits so long for a reader in its way; -1: for ever"
        case .authenticationTimeout:
            "an outside program must be let in within so much real time"
        }
    }

    /// PostgreSQL's own.
    package var limits: SettingLimits {
        switch self {
        case .walSenderTimeout, .walReceiverTimeout:
            SettingLimits(unit: .milliseconds, range: 0...Self.most)
        case .walReceiverStatusInterval:
            SettingLimits(unit: .seconds, range: 0...Self.most / 1000)
        case .walRetrieveRetryInterval:
            SettingLimits(unit: .milliseconds, range: 1...Self.most)
        case .maxStandbyStreamingDelay:
            SettingLimits(unit: .milliseconds, range: -1...Self.most)
        case .authenticationTimeout: SettingLimits(unit: .seconds, range: 1...600)
        }
    }

    private static let most = Int(Int32.max)

    /// What the value counts.
    package var unit: Duration { limits.unit == .seconds ? .seconds(1) : .milliseconds(1) }

    /// So many units; half of one is rounded to the even number, as PostgreSQL does.
    package func count(_ duration: Duration) -> Int {
        Int((duration / unit).rounded(.toNearestOrEven))
    }

    /// The least that may be set.
    package var least: Duration { unit * limits.range.lowerBound }

    /// The value closest to a duration. One that is not zero becomes a unit at least: zero means
    /// something else.
    package func nearest(to duration: Duration) -> Duration {
        unit * limits.nearest(to: duration > .zero ? max(count(duration), 1) : count(duration))
    }

    /// A value as PostgreSQL shows it: in the largest unit that gives a whole number. Below zero
    /// there is one value only.
    package static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds * 1_000 + attoseconds / 1_000_000_000_000_000
        let units: [(name: String, length: Int64)] = [
            ("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000),
        ]
        for unit in units where milliseconds > 0 && milliseconds.isMultiple(of: unit.length) {
            return "\(milliseconds / unit.length)\(unit.name)"
        }
        return milliseconds > 0 ? "\(milliseconds)ms" : milliseconds < 0 ? "-1" : "0"
    }
}
