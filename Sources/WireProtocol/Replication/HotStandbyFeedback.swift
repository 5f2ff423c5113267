public import WALFormat

/// The oldest transactions a replica's readers still need:
/// `'h', Int64 sentAt, Int32 xmin, epoch, catalogXmin, catalogEpoch`. Zero means none.
public struct HotStandbyFeedback: Hashable, Sendable {
    /// The replica's clock when it was sent.
    public var sentAt: PostgresTime
    /// The oldest transaction needed.
    public var xmin: UInt32
    /// How often transaction ids had wrapped at `xmin`.
    public var epoch: UInt32
    /// The oldest transaction a slot's catalogue reads need.
    public var catalogXmin: UInt32
    /// How often transaction ids had wrapped at `catalogXmin`.
    public var catalogEpoch: UInt32

    /// Feedback from its parts.
    public init(
        sentAt: PostgresTime, xmin: UInt32, epoch: UInt32, catalogXmin: UInt32 = 0,
        catalogEpoch: UInt32 = 0
    ) {
        self.sentAt = sentAt
        self.xmin = xmin
        self.epoch = epoch
        self.catalogXmin = catalogXmin
        self.catalogEpoch = catalogEpoch
    }
}
