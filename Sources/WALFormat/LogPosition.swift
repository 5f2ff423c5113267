/// A position in one history of the log: a timeline, and an LSN on it.
///
/// Two of them have no order. Which comes first, and whether a log has got as far, is a question
/// for a lineage that holds both (`Lineage.includes`, `LogExtent.contains`); the LSNs alone would
/// answer it wrongly after every failover.
public struct LogPosition: Hashable, Sendable, CustomStringConvertible {
    /// The timeline that wrote the byte before the position.
    public let timeline: Timeline
    /// The position: last byte + 1.
    public let lsn: LSN

    /// A position on a timeline.
    public init(_ timeline: Timeline, _ lsn: LSN) {
        self.timeline = timeline
        self.lsn = lsn
    }

    /// For example `0/101138 on timeline 2`.
    public var description: String { "\(lsn) on timeline \(timeline)" }
}

/// All the log that a node has: the timelines it came along, and where it ends.
///
/// - Comparisons are of bytes: a log that ends at a fork is a beginning of both sides' logs,
///   whichever timelines its node has heard of.
public struct LogExtent: Hashable, Sendable {
    /// Who wrote which part of it.
    public let lineage: Lineage
    /// Last byte + 1.
    public let end: LSN

    /// The log of a lineage up to `end`.
    public init(_ lineage: Lineage, end: LSN) {
        self.lineage = lineage
        self.end = end
    }

    /// Where it ends, on the timeline that wrote its last byte.
    public var endPosition: LogPosition { LogPosition(lineage.timeline(before: end), end) }

    /// Whether it holds everything up to a position.
    public func contains(_ position: LogPosition) -> Bool {
        position.lsn <= end && lineage.includes(position)
    }

    /// The end of what both logs have in common.
    public func sharedEnd(with other: LogExtent) -> LSN { meeting(with: other).end }

    /// Whether all of it is in the other log.
    public func isBeginning(of other: LogExtent) -> Bool { sharedEnd(with: other) == end }

    /// The timeline that began where the two logs part; nil when one is the beginning of the other.
    public func parting(from other: LogExtent) -> Timeline? { meeting(with: other).next }

    /// How far the two go together, and the timeline of one of them that began there.
    private func meeting(with other: LogExtent) -> (end: LSN, next: Timeline?) {
        var shared = LSN.invalid
        for (index, (mine, theirs)) in zip(lineage.spans, other.lineage.spans).enumerated() {
            guard mine.timeline == theirs.timeline else { return (shared, mine.timeline) }
            let (myEnd, theirEnd) = (mine.end ?? LSN(.max), theirs.end ?? LSN(.max))
            shared = min(myEnd, theirEnd, end, other.end)
            // One of them ends here: it is a beginning of the other.
            if shared == end || shared == other.end { return (shared, nil) }
            if myEnd < theirEnd { return (shared, lineage.spans[index + 1].timeline) }
            if theirEnd < myEnd { return (shared, other.lineage.spans[index + 1].timeline) }
        }
        return (shared, nil)
    }
}
