import WALFormat

/// What a PostgreSQL member has made durable, by its own reports at its own end of its link: for
/// the ledger, which names where a lost record is. What was only sent there does not count.
struct ConfirmedLog: Hashable, Sendable {
    /// The end of what it has of each timeline's log.
    private var ends: [Timeline: LSN] = [:]

    /// It has reported nothing.
    init() {}

    /// It was started on a base backup, which holds all that was committed before its redo point.
    init(backupFrom redo: LSN, on timeline: Timeline, _ history: TimelineHistory) {
        for entry in history.entries { ends[entry.timeline] = min(entry.switchpoint, redo) }
        ends[timeline] = redo
    }

    /// It has reported log of a timeline as flushed up to here.
    mutating func extend(to flush: LSN, on timeline: Timeline) {
        ends[timeline] = max(ends[timeline] ?? .invalid, flush)
    }

    mutating func merge(_ other: ConfirmedLog) {
        ends.merge(other.ends) { max($0, $1) }
    }

    /// Whether it has a COMMIT.
    func has(_ place: CommitPlace) -> Bool {
        ends[place.timeline].map { place.end <= $0 } ?? false
    }
}
