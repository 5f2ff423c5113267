package import DatabaseNode
package import WALFormat

/// Where a commit stands that is walked through its stages.
package struct StepReport: Hashable, Sendable {
    /// The primary whose commit it is.
    package let node: String
    /// The last stage that it has reached.
    package let stage: CommitStage
    /// Where its record ends.
    package let commit: LSN
    /// The nodes that did that stage, and stand there.
    package let stoppedOn: [String]
    /// What its client knows.
    package let told: Told
    /// How much lab time it took to get here.
    package let took: Duration

    package enum Told: String, Hashable, Sendable {
        /// It waits.
        case nothing
        /// It was told OK.
        case ok
        /// It will never hear.
        case lost
    }

    /// All seven stages are behind it.
    package var isOver: Bool { stage.next == nil }
}
