import Replication

/// What the lab's nodes are configured with: one `postgresql.conf` for all of them. Times are lab
/// time, but for that of outside programs, who have a time of their own.
struct NodeSettings: Hashable, Sendable {
    /// A sender gives up a client that says nothing for so long; zero: never.
    var walSenderTimeout = WALSender.Server.defaultTimeout
    /// `wal_receiver_timeout`, `wal_receiver_status_interval`, `wal_retrieve_retry_interval`.
    var receiver = WALReceiver.Timing()
    /// What outside programs must show.
    var authentication = Authentication.trust
    /// How long an outside program may take to show who it is.
    var authenticationTimeout = Duration.seconds(60)

    /// In megabytes; `max_wal_size` is small, as the lab's segments are, and `min_wal_size` is five
    /// segments of 1 MB, as it is five of 16 MB after PostgreSQL's initdb.
    private var sizes: [SizeSetting: Int] = [
        .walKeepSize: 0, .maxSlotWALKeepSize: -1, .maxWALSize: 16, .minWALSize: 5,
    ]

    /// An amount of WAL under PostgreSQL's name, in megabytes.
    subscript(_ setting: SizeSetting) -> Int {
        get { sizes[setting] ?? setting.least }
        set { sizes[setting] = newValue }
    }

    /// A duration under PostgreSQL's name.
    subscript(_ setting: DurationSetting) -> Duration {
        get { self[keyPath: Self.path(setting)] }
        set { self[keyPath: Self.path(setting)] = newValue }
    }

    private static func path(_ setting: DurationSetting) -> WritableKeyPath<Self, Duration> {
        switch setting {
        case .walSenderTimeout: \.walSenderTimeout
        case .walReceiverTimeout: \.receiver.timeout
        case .walReceiverStatusInterval: \.receiver.statusInterval
        case .walRetrieveRetryInterval: \.receiver.retryInterval
        case .authenticationTimeout: \.authenticationTimeout
        }
    }
}

/// A setting that is a length of time, under PostgreSQL's name; lab time, unless it says otherwise.
public enum DurationSetting: String, CaseIterable, Sendable {
    /// How long a replica may say nothing until its sender gives it up; 0: for ever.
    case walSenderTimeout = "wal_sender_timeout"
    /// How long an upstream may say nothing until a replica gives it up; 0: for ever.
    case walReceiverTimeout = "wal_receiver_timeout"
    /// How often a replica reports its positions at the least; 0: only when it is asked.
    case walReceiverStatusInterval = "wal_receiver_status_interval"
    /// How long a replica waits between two tries to connect.
    case walRetrieveRetryInterval = "wal_retrieve_retry_interval"
    /// How much real time an outside program may take until it is let in.
    case authenticationTimeout = "authentication_timeout"

    /// What it does, in one clause.
    var explanation: String {
        switch self {
        case .walSenderTimeout: "a primary gives up a replica that is silent for so long"
        case .walReceiverTimeout: "a replica gives up an upstream that is silent for so long"
        case .walReceiverStatusInterval: "a replica reports its positions at least so often"
        case .walRetrieveRetryInterval: "lab time between two tries to connect"
        case .authenticationTimeout:
            "an outside program must be let in within so much real time"
        }
    }

    /// The least that may be set. PostgreSQL: retrying at once, for ever, helps nobody.
    public var least: Duration {
        switch self {
        case .walSenderTimeout, .walReceiverTimeout, .walReceiverStatusInterval: .zero
        case .walRetrieveRetryInterval: .milliseconds(1)
        case .authenticationTimeout: .seconds(1)
        }
    }

    /// The duration, or the end of what may be set that it lies beyond.
    func nearest(to duration: Duration) -> Duration {
        min(max(duration, least), most ?? duration)
    }

    /// The most that may be set; nil: as much as can be typed.
    public var most: Duration? {
        switch self {
        case .walSenderTimeout, .walReceiverTimeout, .walReceiverStatusInterval,
            .walRetrieveRetryInterval:
            nil
        case .authenticationTimeout: .seconds(600)
        }
    }
}
