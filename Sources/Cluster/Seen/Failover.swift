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
    /// What was to be lost at the most, and what was.
    package let bounds: LossBounds

    package init(
        node: String, timeline: Timeline, at: LabInstant, oldPrimary: String, left: LogPosition?,
        bounds: LossBounds = LossBounds()
    ) {
        self.node = node
        self.timeline = timeline
        self.at = at
        self.oldPrimary = oldPrimary
        self.left = left
        self.bounds = bounds
    }
}

/// A promotion's loss beside what somebody could have said of it before. All three are read off the
/// servers; the ledger, which is the clients', counts for itself.
package struct LossBounds: Hashable, Sendable {
    /// The log of one node that another does not hold.
    package struct Distance: Hashable, Sendable {
        package let bytes: Int
        /// Commits in it; nil: nobody knows.
        package let commits: Int?

        package init(bytes: Int, commits: Int?) {
            self.bytes = bytes
            self.commits = commits
        }
    }

    /// What of the old primary's log the new one's does not hold.
    package let lost: Distance?
    /// What had not come to the promoted node when the old primary died; of one that lives, when it
    /// was promoted.
    package let atDeath: Distance?
    /// What the promoted node had not made durable, as the monitor last heard; in bytes alone.
    package let seenByMonitor: Distance?

    package init(
        lost: Distance? = nil, atDeath: Distance? = nil, seenByMonitor: Distance? = nil
    ) {
        self.lost = lost
        self.atDeath = atDeath
        self.seenByMonitor = seenByMonitor
    }
}
