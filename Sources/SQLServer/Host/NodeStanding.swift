package import WALFormat

/// Where a node stands at one moment: its role and its log's positions.
package struct NodeStanding: Hashable, Sendable {
    package var name: String
    package var isInRecovery: Bool
    package var timeline: Timeline
    package var insertLSN: LSN
    package var flushLSN: LSN
    /// What a standby has received and made durable; nil on a primary.
    package var receivedLSN: LSN?
    /// When the last commit was made that can be seen here.
    package var lastCommitTime: PostgresTime?

    package init(
        name: String, isInRecovery: Bool, timeline: Timeline, insertLSN: LSN, flushLSN: LSN,
        receivedLSN: LSN? = nil, lastCommitTime: PostgresTime? = nil
    ) {
        self.name = name
        self.isInRecovery = isInRecovery
        self.timeline = timeline
        self.insertLSN = insertLSN
        self.flushLSN = flushLSN
        self.receivedLSN = receivedLSN
        self.lastCommitTime = lastCommitTime
    }
}
