/// How far the log of each timeline has ever reached a place: a node's disk, the wire towards a
/// replica, a PostgreSQL's own word.
///
/// - It only grows: what has once reached the place has done so for good, whatever became of the
///   place.
/// - A timeline has one writer, so that it is one row of bytes: whoever has its byte at a position
///   has had, or was known to have, all before it. Bytes of one timeline say nothing of another's
///   at the same positions.
public struct ReachedLog: Hashable, Sendable {
    /// The end of what has arrived of each timeline's log.
    public private(set) var ends: [Timeline: LSN] = [:]

    /// Nothing has arrived.
    public init() {}

    /// Log of a timeline has arrived up to here.
    public mutating func extend(to end: LSN, on timeline: Timeline) {
        ends[timeline] = max(ends[timeline] ?? .invalid, end)
    }

    /// The same, with what came before it: of the ancestors what is behind none of the forks.
    public mutating func extend(to end: LSN, on timeline: Timeline, _ history: TimelineHistory) {
        var begin = LSN.invalid
        for entry in history.entries where entry.timeline < timeline && begin < end {
            extend(to: min(entry.switchpoint, end), on: entry.timeline)
            begin = entry.switchpoint
        }
        if begin < end { extend(to: end, on: timeline) }
    }

    /// A whole log has arrived.
    public mutating func extend(to log: LogExtent) {
        for span in log.lineage.spans where span.begin < log.end {
            extend(to: min(span.end ?? log.end, log.end), on: span.timeline)
        }
    }

    /// What has reached another place counts here too.
    public mutating func merge(_ other: ReachedLog) {
        ends.merge(other.ends) { max($0, $1) }
    }

    /// Whether the log up to a position has arrived.
    public func includes(_ position: LogPosition) -> Bool {
        ends[position.timeline].map { position.lsn <= $0 } ?? false
    }
}
