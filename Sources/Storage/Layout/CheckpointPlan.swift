public import WALFormat

/// One page of the table or the commit log on its way to disk.
public struct PageWrite: Hashable, Sendable {
    /// The page's number in its file, from 0.
    public let block: UInt32
    /// The page, 8192 bytes.
    public let bytes: [UInt8]
}

/// What a checkpoint has to make durable, and the control data that then points at it.
public struct CheckpointPlan: Hashable, Sendable {
    /// The pages changed since the last checkpoint, by block.
    public let pages: [PageWrite]
    /// The pages of pg_xact, by number.
    public let commitLogPages: [PageWrite]
    /// The log that describes the pages ends here. Nothing is written while it is not durable.
    public let logEnd: LSN
    /// Written last: until then recovery starts from the checkpoint before.
    public var control: ControlData
}
