import DatabaseNode
import Storage
package import WALFormat

/// Where each timeline of the lab began, as it was seen when it did.
///
/// It is kept for as long as the lab is: what two logs that have parted had in common can be said
/// after both have gone on, and after the WAL of that time was removed.
package struct TimelineForks: Hashable, Sendable {
    /// The beginning of one timeline.
    package struct Fork: Hashable, Sendable {
        /// The timeline it left.
        package let parent: Timeline
        /// The first position that is its own.
        package let switchpoint: LSN
        /// Commits up to there.
        package let commits: Int

        package init(parent: Timeline, switchpoint: LSN, commits: Int) {
            self.parent = parent
            self.switchpoint = switchpoint
            self.commits = commits
        }
    }

    /// The forks seen, by the timeline that began there. The first timeline has none.
    package private(set) var byTimeline: [Timeline: Fork] = [:]

    /// None was seen.
    package init() {}

    /// Where a timeline began; nil if that was not seen.
    package subscript(timeline: Timeline) -> Fork? { byTimeline[timeline] }

    /// A timeline begins.
    package mutating func note(_ timeline: Timeline, _ fork: Fork) {
        byTimeline[timeline] = fork
    }

    /// A node has just been promoted; somebody may have written there already.
    mutating func note(_ process: NodeProcess) {
        guard let last = process.history.entries.last else { return }
        let since = process.database.commitTimes.missing(
            after: last.switchpoint, upTo: process.flushLSN)
        note(
            process.database.timeline,
            Fork(
                parent: last.timeline, switchpoint: last.switchpoint,
                commits: process.database.commitCount - (since?.count ?? 0)))
    }

    /// The timeline with its ancestors, as far as they were seen.
    package func lineage(of timeline: Timeline) -> Lineage {
        var entries: [(timeline: Timeline, switchpoint: LSN)] = []
        var next = timeline
        while let fork = byTimeline[next], fork.parent < next {
            entries.append((fork.parent, fork.switchpoint))
            next = fork.parent
        }
        let history = entries.reversed().reduce(into: TimelineHistory()) {
            $0.append(timeline: $1.timeline, switchpoint: $1.switchpoint, reason: "")
        }
        return Lineage(of: timeline, history)
    }
}
