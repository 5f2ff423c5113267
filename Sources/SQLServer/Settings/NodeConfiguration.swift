package import WALFormat
internal import WireProtocol

/// What a node is configured with, as its settings show it: the values that act, read from the node
/// when somebody asks. PostgreSQL: the GUCs that are not a session's own.
///
/// - The first part differs from node to node, or can be changed at the lab's prompt.
/// - The second is what every node of the lab has in common. It stands here, and not in the table
///   of settings, so that one which becomes changeable moves up and is shown everywhere at once.
package struct NodeConfiguration: Hashable, Sendable {
    package var segmentSize: SegmentSize
    package var fullPageWrites: Bool
    /// Nil: `off`.
    package var imageCompression: ImageCompression?
    package var isInRecovery: Bool
    /// The slot a standby streams from.
    package var primarySlotName: String?
    package var maximumSessionCount: Int
    /// Standbys tell their upstreams what their readers need.
    package var hotStandbyFeedback: Bool
    private var durations: [DurationSetting: Duration]
    private var sizes: [SizeSetting: Int]

    /// A client hears OK only after `fdatasync` of the commit.
    package let fsync = true
    package let synchronousCommit = "local"
    package let walLevel = "replica"
    package let walRecycle = true
    package let hotStandby = true
    package let maximumSlotCount = 10
    package let dataDirectoryMode = 0o700
    package let blockByteCount = PageImage.pageByteCount
    package let walBlockByteCount = 8192
    package let identifierByteCount = SQLTokenizer.maximumIdentifierByteCount
    package let version = ServerVersion.text
    package let versionNumber = ServerVersion.number
    package let integerDatetimes = true
    package let standardStrings = true
    package let encoding = "UTF8"
    package let dateStyle = "ISO, MDY"
    package let intervalStyle = "postgres"
    package let timeZone = "UTC"
    package let isolation = "read committed"
    /// There are no users: everybody may do everything.
    package let isSuperuser = true

    /// - Parameters:
    ///   - durations: the value of each.
    ///   - sizes: the value of each, in megabytes.
    package init(
        segmentSize: SegmentSize, fullPageWrites: Bool, imageCompression: ImageCompression?,
        isInRecovery: Bool, primarySlotName: String?, maximumSessionCount: Int,
        hotStandbyFeedback: Bool = false,
        durations: (DurationSetting) -> Duration, sizes: (SizeSetting) -> Int
    ) {
        self.segmentSize = segmentSize
        self.fullPageWrites = fullPageWrites
        self.imageCompression = imageCompression
        self.isInRecovery = isInRecovery
        self.primarySlotName = primarySlotName
        self.maximumSessionCount = maximumSessionCount
        self.hotStandbyFeedback = hotStandbyFeedback
        self.durations = DurationSetting.allCases.reduce(into: [:]) { $0[$1] = durations($1) }
        self.sizes = SizeSetting.allCases.reduce(into: [:]) { $0[$1] = sizes($1) }
    }

    package subscript(_ setting: DurationSetting) -> Duration {
        durations[setting] ?? setting.least
    }

    /// In megabytes.
    package subscript(_ setting: SizeSetting) -> Int {
        sizes[setting] ?? setting.least
    }
}
