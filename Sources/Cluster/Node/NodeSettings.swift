import Replication

/// What the lab's nodes are configured with: one `postgresql.conf` for all of them. Times are lab
/// time.
struct NodeSettings: Hashable, Sendable {
    /// A sender gives up a client that says nothing for so long; zero: never.
    var walSenderTimeout = WALSender.Server.defaultTimeout
    /// `wal_receiver_timeout`, `wal_receiver_status_interval`, `wal_retrieve_retry_interval`.
    var receiver = WALReceiver.Timing()

    /// In megabytes; `max_wal_size` is small, as the lab's segments are.
    private var sizes: [SizeSetting: Int] = [
        .walKeepSize: 0, .maxSlotWALKeepSize: -1, .maxWALSize: 16,
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
        }
    }
}

/// A setting that is a length of lab time, under PostgreSQL's name.
public enum DurationSetting: String, CaseIterable, Sendable {
    /// How long a replica may say nothing until its sender gives it up; 0: for ever.
    case walSenderTimeout = "wal_sender_timeout"
    /// How long an upstream may say nothing until a replica gives it up; 0: for ever.
    case walReceiverTimeout = "wal_receiver_timeout"
    /// How often a replica reports its positions at the least; 0: only when it is asked.
    case walReceiverStatusInterval = "wal_receiver_status_interval"
    /// How long a replica waits between two tries to connect.
    case walRetrieveRetryInterval = "wal_retrieve_retry_interval"

    /// What it does, in one clause.
    var explanation: String {
        switch self {
        case .walSenderTimeout: "a primary gives up a replica that is silent for so long"
        case .walReceiverTimeout: "a replica gives up an upstream that is silent for so long"
        case .walReceiverStatusInterval: "a replica reports its positions at least so often"
        case .walRetrieveRetryInterval: "lab time between two tries to connect"
        }
    }

    /// The least that may be set. PostgreSQL: retrying at once, for ever, helps nobody.
    public var least: Duration {
        switch self {
        case .walSenderTimeout, .walReceiverTimeout, .walReceiverStatusInterval: .zero
        case .walRetrieveRetryInterval: .milliseconds(1)
        }
    }
}
