public import WALFormat

/// What recovery did, and where and how the log ended.
public struct RecoveryReport: Hashable, Sendable {
    /// Records replayed; none after a clean stop.
    public var recordsReplayed: Int
    /// Where replay began: the control data's redo point.
    public var redoStart: LSN
    /// The end of the last good record: a standby's flush position; where a primary went on.
    public var end: LSN
    /// Where the last good record starts: what the next one names as its previous one.
    public var lastRecordStart: LSN
    /// How the log ended.
    public var logEnd: LogEnd
    /// The time in the last COMMIT replayed; nil when none was.
    public var lastCommitTime: PostgresTime?
    /// A primary: the timeline it writes. A standby: the one that wrote the last byte it has; it
    /// may have the history of a younger one that begins right there, or further on.
    public var timeline: Timeline
    /// Whether the node had been stopped cleanly, so that there was nothing to recover.
    public var wasCleanlyStopped: Bool
    /// Pages found torn that images in the log restored.
    public var restoredPages: [PageDamage]
    /// Pages found damaged and used nevertheless, because that was asked for.
    public var ignoredDamage: [PageDamage]
}
