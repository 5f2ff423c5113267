public import WALFormat

/// What a checkpoint did.
public struct CheckpointReport: Hashable, Sendable {
    /// The node.
    public let node: String
    /// Recovery would begin here now.
    public let redo: LSN
    /// Pages of the table written.
    public let pageCount: Int
    /// A standby's: it points at a checkpoint of its upstream's.
    public let isRestartpoint: Bool
    /// False: a standby had replayed no checkpoint since the last time, so there was nothing to do.
    public let wasNeeded: Bool
    /// Its disk is full: nothing was checkpointed.
    public let foundDiskFull: Bool
    /// Segments of the log that nobody needed any more, and that are gone.
    public let removedSegmentCount: Int
}
