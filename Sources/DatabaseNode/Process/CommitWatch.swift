package import WALFormat

/// Looks on while a commit goes through its stages, and may have a node stop where it is.
package protocol CommitWatch: AnyObject {
    /// Whether a node is to do this stage apart from the next; otherwise it may do both in one go.
    func isAwaiting(_ stage: CommitStage, on node: String) -> Bool

    /// On a node, commits up to `lsn` have come so far. True: the node was stopped there.
    func hasReached(_ stage: CommitStage, upTo lsn: LSN, on node: String) -> Bool
}
