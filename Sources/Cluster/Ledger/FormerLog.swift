import Storage
import WALFormat

/// What a log said that a base backup has replaced: for the ledger, which tells how far a lost
/// record got also after the disk it had got to was wiped.
struct FormerLog: Sendable {
    /// Where the log was durable up to, by the timeline it ended on.
    private(set) var ends: [Timeline: LSN] = [:]
    /// Where COMMITs ended.
    private(set) var commits: Set<CommitPlace> = []

    init() {}

    init(_ log: WALOnDisk) {
        ends = [log.timeline: log.end]
        commits = Set(
            log.transactions().map { CommitPlace(timeline: $0.timeline, end: $0.commitEnd) })
    }

    mutating func merge(_ other: FormerLog) {
        ends.merge(other.ends) { max($0, $1) }
        commits.formUnion(other.commits)
    }
}

/// Where a COMMIT ends, and on which timeline.
struct CommitPlace: Hashable, Sendable {
    let timeline: Timeline
    let end: LSN
}
