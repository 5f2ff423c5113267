package import LabClock
package import WALFormat

/// A promotion as the ledger remembers it: which log it has left, for which, and when.
///
/// It is kept for as long as the lab is, so that a loss can be told from the losses before it.
package struct Failover: Hashable, Sendable {
    /// The node that was promoted.
    package let node: String
    /// The timeline that it began.
    package let timeline: Timeline
    package let at: LabInstant
    /// The node that was the primary until then.
    package let oldPrimary: String
    /// Where that one's log ended, as it was last seen; nil: it was never seen up.
    package let left: LogPosition?

    package init(
        node: String, timeline: Timeline, at: LabInstant, oldPrimary: String, left: LogPosition?
    ) {
        self.node = node
        self.timeline = timeline
        self.at = at
        self.oldPrimary = oldPrimary
        self.left = left
    }
}
