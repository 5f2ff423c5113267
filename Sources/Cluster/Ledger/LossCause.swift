import WALFormat

/// Which promotion has lost a commit that is lost now: the last one that took a log which had it
/// for one which had not.
///
/// - A commit that was told OK on a log which had been left already is charged to the promotion
///   that left it.
/// - What no promotion explains (a log that was damaged, say) has no cause here.
struct LossCause {
    private struct Step {
        let timeline: Timeline
        /// The log that was left; nil: it was never seen.
        let left: LogExtent?
        let taken: Lineage
    }

    private let steps: [Step]

    init(_ failovers: [Failover], _ lineage: (Timeline) -> Lineage) {
        steps = failovers.map { failover in
            Step(
                timeline: failover.timeline,
                left: failover.left.map { LogExtent(lineage($0.timeline), end: $0.lsn) },
                taken: lineage(failover.timeline))
        }
    }

    /// The timeline that began with the loss.
    func timeline(of commit: LogPosition) -> Timeline? {
        let leaving = steps.filter { !$0.taken.includes(commit) }
        let lost = leaving.last { $0.left?.contains(commit) ?? false }
        return (lost ?? leaving.first { $0.timeline > commit.timeline })?.timeline
    }
}
