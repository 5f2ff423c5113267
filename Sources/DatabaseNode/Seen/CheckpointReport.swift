package import WALFormat

/// What a checkpoint did.
package struct CheckpointReport: Hashable, Sendable {
    package let node: String
    /// Recovery would begin here now.
    package let redo: LSN
    /// Pages of the table written.
    package let pageCount: Int
    /// A standby's: it points at a checkpoint of its upstream's.
    package let isRestartpoint: Bool
    /// False: a standby had replayed no checkpoint since the last time, so there was nothing to do.
    package let wasNeeded: Bool
    /// Its disk is full: nothing was checkpointed.
    package let foundDiskFull: Bool
    /// Segments of the log that nobody needed any more, and that are gone.
    package let removedSegmentCount: Int
}
