package import Replication
package import SQLServer
package import WALFormat

/// What the lab's nodes are configured with: one `postgresql.conf` for all of them. Times are lab
/// time, but for that of outside programs, who have a time of their own.
package struct NodeSettings: Hashable, Sendable {
    /// A sender gives up a client that says nothing for so long; zero: never.
    var walSenderTimeout = WALSender.Server.defaultTimeout
    /// `wal_receiver_timeout`, `wal_receiver_status_interval`, `wal_retrieve_retry_interval`.
    package var receiver = WALReceiver.Timing()
    /// How long replay waits for readers that are in its way; below zero: for ever.
    var maxStandbyStreamingDelay = Duration.seconds(30)
    /// What outside programs must show.
    package var authentication = Authentication.trust
    /// How many connections of outside programs there may be.
    package var room = OutsideRoom.full
    /// How long an outside program may take to show who it is.
    var authenticationTimeout = Duration.seconds(60)

    /// What full-page images in the log are compressed with. PostgreSQL: `wal_compression`.
    package var imageCompression: ImageCompression?

    /// In megabytes; `max_wal_size` is small, as the lab's segments are, and `min_wal_size` is five
    /// segments of 1 MB, as it is five of 16 MB after PostgreSQL's initdb.
    private var sizes: [SizeSetting: Int] = [
        .walKeepSize: 0, .maxSlotWALKeepSize: -1, .maxWALSize: 16, .minWALSize: 5,
    ]

    /// What a new lab has.
    package init() {}

    /// An amount of WAL under PostgreSQL's name, in megabytes.
    package subscript(_ setting: SizeSetting) -> Int {
        get { sizes[setting] ?? setting.least }
        set { sizes[setting] = newValue }
    }

    /// A duration under PostgreSQL's name.
    package subscript(_ setting: DurationSetting) -> Duration {
        get { self[keyPath: Self.path(setting)] }
        set { self[keyPath: Self.path(setting)] = newValue }
    }

    private static func path(_ setting: DurationSetting) -> WritableKeyPath<Self, Duration> {
        switch setting {
        case .walSenderTimeout: \.walSenderTimeout
        case .walReceiverTimeout: \.receiver.timeout
        case .walReceiverStatusInterval: \.receiver.statusInterval
        case .walRetrieveRetryInterval: \.receiver.retryInterval
        case .maxStandbyStreamingDelay: \.maxStandbyStreamingDelay
        case .authenticationTimeout: \.authenticationTimeout
        }
    }
}
