public import WALFormat

/// How much log is written between two checkpoints: an estimate that follows a rise at once and a
/// fall slowly. PostgreSQL: `CheckPointDistanceEstimate`, `UpdateCheckPointDistanceEstimate`.
public struct CheckpointDistance: Hashable, Sendable {
    /// The estimate in bytes; 0 until a second checkpoint was taken.
    public private(set) var byteCount = 0.0

    /// Nothing is known yet, as after every start.
    public init() {}

    /// The redo point has moved.
    public mutating func checkpointTaken(from old: LSN, to new: LSN) {
        let distance = Double(max(0, new - old))
        byteCount = byteCount < distance ? distance : 0.90 * byteCount + 0.10 * distance
    }
}

extension Retention {
    /// The last segment, by number, that a segment which is let go may be recycled as: as many as
    /// will be filled until the next checkpoint ends, but not less than `min_wal_size` and not more
    /// than `max_wal_size` from the redo point on. PostgreSQL: `XLOGfileslop`.
    ///
    /// A checkpoint of the lab takes no time, so there is no `checkpoint_completion_target` in the
    /// sum.
    public func recycleLimit(_ distance: CheckpointDistance) -> UInt64 {
        let redo = segment(log.redo)
        let least = max(redo + segmentCount(settings.minimumByteCount), 1) - 1
        let most = max(redo + segmentCount(settings.maximumByteCount), 1) - 1
        // A tenth more for good measure, says PostgreSQL.
        let end = Double(log.redo.rawValue) + distance.byteCount * 1.10
        let wanted = (end / Double(settings.segmentSize.byteCount)).rounded(.up)
        return min(max(UInt64(exactly: wanted) ?? .max, least), most)
    }
}
