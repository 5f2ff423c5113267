internal import Cluster
internal import WALFormat

/// What a session keeps in mind of nodes that may be down when it is asked about them.
///
/// Only seen facts: where a node stood when it was last looked at while up, and where timelines
/// began. A lab that was reopened starts with none.
struct Memory {
    /// How far a primary's log went, in bytes and in commits.
    struct End: Hashable {
        /// The timeline it wrote.
        let timeline: Timeline
        /// Durable up to here.
        var flush: LSN
        /// Commits on the node.
        let commits: Int
    }

    /// The node that was the primary when the lab was last looked at.
    private(set) var primary: String?
    private var ends: [String: End] = [:]
    private var forks: [Timeline: LSN] = [:]
    /// An error has ended the open transaction; only its end may follow.
    private(set) var transactionHasFailed = false
    /// The disks that commands have made fail.
    private(set) var diskFaults: [String: DiskFault] = [:]
    /// Some commit had more than one write: commits and acknowledged writes are two numbers.
    private(set) var hasSharedCommits = false

    /// Remembers where every running node stands.
    mutating func note(_ snapshot: LabSnapshot) {
        primary = snapshot.primary
        if snapshot.openTransaction == nil { transactionHasFailed = false }
        for node in snapshot.nodes {
            guard let positions = node.positions else { continue }
            ends[node.name] = End(
                timeline: positions.timeline, flush: positions.flush, commits: positions.commits)
        }
    }

    /// A node went down when its log ended here.
    mutating func wentDown(_ node: String, at flush: LSN) {
        ends[node]?.flush = flush
    }

    /// A command made a node's disk fail, or work.
    mutating func note(_ fault: DiskFault, on node: String) {
        diskFaults[node] = fault == .none ? nil : fault
    }

    /// The server refused something inside the open transaction.
    mutating func transactionFailed() {
        transactionHasFailed = true
    }

    /// A transaction was committed, and its OK was that of so many writes.
    mutating func committed(writeCount: Int) {
        if writeCount > 1 { hasSharedCommits = true }
    }

    /// `timeline` left the one before it here.
    mutating func forked(_ timeline: Timeline, at fork: LSN) {
        forks[timeline] = fork
    }

    /// Where the node stands, or stood when it was last seen up.
    func end(of node: String) -> End? { ends[node] }

    /// Where a timeline began, if that was seen.
    func fork(of timeline: Timeline) -> LSN? { forks[timeline] }
}
