package import LabClock
package import Replication

/// What a replica has of the primary's commits, step by step: as its own positions have it, and as
/// its upstream believes. Counted on the primary's log, so it says nothing of a replica whose log
/// has parted from that.
package struct Trail: Hashable, Sendable {
    /// What a step lacks of the primary's commits.
    package struct Missing: Hashable, Sendable {
        /// So many.
        package let commits: Int
        /// When the oldest of them was made; nil: none is missing.
        package let since: LabInstant?
    }

    /// What it lacks, by its own positions.
    package let own: PerStep<Missing>
    /// Commits that its upstream has not sent it; nil: there is no stream.
    package let unsent: Int?
    /// Commits that it has not reported, as its upstream believes; nil before its first report.
    package let unreported: PerStep<Int?>

    /// How old the oldest commit is that is not replayed; nil: all are.
    func age(at now: LabInstant) -> Duration? {
        own.replay.since.map { max(.zero, now.since($0)) }
    }
}
