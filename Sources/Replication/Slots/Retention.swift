public import WALFormat

/// Which WAL a server must keep, for whom, and for how long that can go on: a question asked of
/// one moment's log and slots. Pure arithmetic on whole segments. PostgreSQL: `KeepLogSeg`.
///
/// - What a crash of the server would need, from the redo point on, is always kept.
/// - What a slot needs is kept unless the slot is invalidated first.
public struct Retention: Hashable, Sendable {
    /// What the server was told to keep.
    public struct Settings: Hashable, Sendable {
        /// The size of a segment file.
        public var segmentSize: SegmentSize
        /// `wal_keep_size` in bytes: this much behind the end of the log is kept for anybody.
        public var keepByteCount = 0
        /// `max_slot_wal_keep_size` in bytes: a slot further behind is invalidated. Nil: no limit
        /// (PostgreSQL's -1, and its default).
        public var slotKeepByteCount: Int?
        /// `max_wal_size` in bytes: what more is kept only by a slot shows as `extended`.
        public var maximumByteCount = 1 << 30
        /// `min_wal_size` in bytes: segments that are let go are recycled up to here.
        public var minimumByteCount = 80 << 20
        /// How many bytes of segment files the disk can hold; nil if nobody counts.
        public var diskByteCount: Int?

        /// PostgreSQL's defaults.
        public init(segmentSize: SegmentSize) {
            self.segmentSize = segmentSize
        }
    }

    /// The log at one moment.
    public struct Log: Hashable, Sendable {
        /// Its end: written up to here (last byte + 1). On a standby, what was received.
        public var end: LSN
        /// The redo point of the last checkpoint or restartpoint.
        public var redo: LSN
        /// The oldest segment that is still on disk.
        public var oldestSegment: UInt64

        /// A log from its parts.
        public init(end: LSN, redo: LSN, oldestSegment: UInt64) {
            self.end = end
            self.redo = redo
            self.oldestSegment = oldestSegment
        }
    }

    /// What the server was told to keep.
    public let settings: Settings
    /// Its log.
    public let log: Log
    /// Its slots.
    public let slots: [ReplicationSlot]

    /// The question, asked of this moment.
    public init(settings: Settings, log: Log, slots: SlotTable) {
        self.settings = settings
        self.log = log
        self.slots = slots.slots
    }

    // MARK: At a checkpoint

    /// What to do when a checkpoint is complete, in this order.
    public struct Decision: Hashable, Sendable {
        /// Connections that use an overdue slot: end them (`WALSender.terminated`).
        public var terminated: [Int32]
        /// Slots too far behind: `SlotTable.invalidate`.
        public var invalidated: [String]
        /// The first segment to keep: those before it may be removed or recycled.
        public var oldestSegment: UInt64
        /// The same as a position.
        public var oldestLSN: LSN
    }

    /// What the checkpoint that just set `log.redo` lets go. PostgreSQL: the end of
    /// `CreateCheckPoint`.
    public var decision: Decision {
        let horizon = kept(slots).segment
        let overdue = slots.filter { slot in slot.restartLSN.map { segment($0) < horizon } ?? false
        }
        let names = Set(overdue.map(\.name))
        let oldest = kept(slots.filter { !names.contains($0.name) }).segment
        return Decision(
            terminated: overdue.compactMap(\.owner), invalidated: overdue.map(\.name),
            oldestSegment: oldest, oldestLSN: settings.segmentSize.start(of: oldest))
    }

    // MARK: Arithmetic

    /// Who makes the server keep its oldest segment.
    public enum Holder: Hashable, Sendable {
        /// A crash would need it.
        case checkpoint
        /// `wal_keep_size`.
        case keepSize
        /// A slot.
        case slot(String)
    }

    /// The oldest segment that is kept, and for whom. Of two who need the same one, the one that
    /// cannot be helped is named.
    func kept(_ slots: [ReplicationSlot]) -> (segment: UInt64, holder: Holder) {
        let reserved = reserved(slots)
        let redo = segment(log.redo)
        guard reserved.segment < redo else { return (redo, .checkpoint) }
        return reserved
    }

    /// The same without the redo point. PostgreSQL: `KeepLogSeg`.
    func reserved(_ slots: [ReplicationSlot]) -> (segment: UInt64, holder: Holder) {
        let current = segment(log.end)
        var kept: (segment: UInt64, holder: Holder) = (current, .checkpoint)
        if settings.keepByteCount > 0 {
            let count = segmentCount(settings.keepByteCount)
            kept = (current > count ? current - count : min(current, 1), .keepSize)
        }
        let holding = slots.compactMap { slot in slot.restartLSN.map { (lsn: $0, slot: slot) } }
        guard let last = holding.min(by: { $0.lsn < $1.lsn }), last.lsn < log.end else {
            return kept
        }
        var wanted = segment(last.lsn)
        if let limit = settings.slotKeepByteCount.map(segmentCount), current > limit {
            wanted = max(wanted, current - limit)
        }
        return wanted < kept.segment ? (wanted, .slot(last.slot.name)) : kept
    }

    func segment(_ position: LSN) -> UInt64 {
        settings.segmentSize.number(containing: position)
    }

    /// Whole segments only. PostgreSQL: `XLogMBVarToSegs`.
    func segmentCount(_ byteCount: Int) -> UInt64 {
        UInt64(max(byteCount, 0) / settings.segmentSize.byteCount)
    }
}
