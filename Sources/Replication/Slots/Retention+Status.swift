public import WALFormat

/// Whether a slot's WAL is there, and will stay. PostgreSQL: `wal_status` of
/// `pg_replication_slots`.
public enum WALStatus: String, Hashable, Sendable, CaseIterable {
    /// There, and within `max_wal_size`.
    case reserved
    /// There, and kept for slots or `wal_keep_size` beyond `max_wal_size`.
    case extended
    /// Still there; the next checkpoint may remove it. The consumer can save it by hurrying.
    case unreserved
    /// Some of it is gone: a base backup is the only way back.
    case lost
}

extension Retention {
    /// A slot's state; nil if it keeps nothing and never did. PostgreSQL: `GetWALAvailability`,
    /// which does not notice when a slot went back behind what was removed long ago.
    public func status(of slot: ReplicationSlot) -> WALStatus? {
        guard let restart = slot.restartLSN else { return slot.isInvalidated ? .lost : nil }
        let wanted = segment(restart)
        guard wanted >= log.oldestSegment else {
            // A stream under way may be past what was removed; if not, it will find out.
            return slot.owner == nil ? .lost : .unreserved
        }
        guard wanted >= reserved(slots).segment else { return .unreserved }
        let current = segment(log.end)
        let count = segmentCount(settings.maximumByteCount) + 1
        let oldest = current > count ? current - count : 1
        return wanted >= oldest ? .reserved : .extended
    }

    /// How much WAL can still be written before the slot may be lost: none when it is negative.
    /// Nil if there is no limit, or nothing to lose. PostgreSQL: `safe_wal_size`, which gives a
    /// number without meaning for a slot that never kept anything.
    public func safeByteCount(of slot: ReplicationSlot) -> Int? {
        guard let limit = settings.slotKeepByteCount, let restart = slot.restartLSN,
            status(of: slot) != .lost
        else { return nil }
        let count = max(segmentCount(limit), segmentCount(settings.keepByteCount))
        return settings.segmentSize.start(of: segment(restart) + count + 1) - log.end
    }

    // MARK: What will come of it

    /// One slot's part in it.
    public struct SlotForecast: Hashable, Sendable {
        /// The slot.
        public var slot: ReplicationSlot
        /// Its state.
        public var status: WALStatus?
        /// From the first byte it keeps to the end of the log; nil if it keeps none.
        public var heldByteCount: Int?
        /// What can still be written before it may be lost.
        public var safeByteCount: Int?
    }

    /// Who pins the oldest byte, and how long that can go on.
    public struct Forecast: Hashable, Sendable {
        /// Who makes the server keep its oldest segment.
        public var holder: Holder
        /// The first byte that the next checkpoint would keep.
        public var oldest: LSN
        /// From there to the end of the log.
        public var pinnedByteCount: Int
        /// What can still be written before the segment files, checkpoints or not, no longer fit
        /// on the disk; nil if nobody counts.
        public var diskByteCountLeft: Int?
        /// All slots, by name.
        public var slots: [SlotForecast]
    }

    /// What happens if nobody confirms anything any more.
    public var forecast: Forecast {
        let kept = kept(slots)
        // What is gone costs nothing any more.
        let first = max(kept.segment, log.oldestSegment)
        let oldest = settings.segmentSize.start(of: first)
        return Forecast(
            holder: kept.holder, oldest: oldest, pinnedByteCount: max(0, log.end - oldest),
            diskByteCountLeft: settings.diskByteCount.map {
                let full = settings.segmentSize.start(of: first + segmentCount($0))
                return max(0, full - log.end)
            },
            slots: slots.map { slot in
                SlotForecast(
                    slot: slot, status: status(of: slot),
                    heldByteCount: slot.restartLSN.map { max(0, log.end - $0) },
                    safeByteCount: safeByteCount(of: slot))
            })
    }
}
