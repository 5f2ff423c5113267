/// A timeline with its ancestors, as spans of the log: who wrote which part of it.
///
/// It is what two positions need in common before they may be compared: an LSN alone does not say
/// in which of the histories it lies. See `LogPosition` and `LogExtent`.
///
/// - Spans are oldest first; each begins where the one before ends; the last has no end yet.
/// - The segment file that holds a fork exists once per timeline: the younger begins with a copy.
public struct Lineage: Hashable, Sendable {
    /// The part of the log that one timeline wrote.
    public struct Span: Hashable, Sendable {
        /// The timeline.
        public let timeline: Timeline
        /// Its first byte.
        public let begin: LSN
        /// The switch point; nil for the timeline that is being written.
        public let end: LSN?
    }

    /// Oldest first; never empty.
    public let spans: [Span]

    /// `history` is the history of `timeline`; the first timeline's is empty.
    public init(of timeline: Timeline, _ history: TimelineHistory) {
        var begin = LSN.invalid
        var spans: [Span] = []
        for entry in history.entries {
            spans.append(Span(timeline: entry.timeline, begin: begin, end: entry.switchpoint))
            begin = entry.switchpoint
        }
        spans.append(Span(timeline: timeline, begin: begin, end: nil))
        self.spans = spans
    }

    /// The youngest timeline, the one being written.
    public var current: Timeline { spans[spans.count - 1].timeline }

    /// Where the youngest timeline left the one before; nil if it is the first.
    public var fork: LSN? { spans.count > 1 ? spans.last?.begin : nil }

    /// The timeline that writes the byte at `position`.
    public func timeline(at position: LSN) -> Timeline {
        (spans.last { $0.begin <= position } ?? spans[0]).timeline
    }

    /// The timeline that wrote the last byte before `position`. At a fork it is the older one: a
    /// log that ends there holds nothing of the younger yet.
    public func timeline(before position: LSN) -> Timeline {
        (spans.last { $0.begin < position } ?? spans[0]).timeline
    }

    /// Whether a timeline is one of them.
    public func includes(_ timeline: Timeline) -> Bool {
        spans.contains { $0.timeline == timeline }
    }

    /// Whether the log of this lineage goes through a position: the byte before it is that
    /// timeline's.
    public func includes(_ position: LogPosition) -> Bool {
        spans.contains { span in
            span.timeline == position.timeline && span.end.map { position.lsn <= $0 } ?? true
        }
    }

    /// Where a timeline's part of the log ends; nil while it is being written.
    public func end(of timeline: Timeline) -> LSN? {
        spans.first { $0.timeline == timeline }?.end
    }
}
