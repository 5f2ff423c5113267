internal import WALFormat

/// A timeline with its ancestors, as spans of the log: who wrote which part of it.
///
/// - Spans are oldest first; each begins where the one before ends; the last has no end yet.
/// - The segment file that holds a fork exists once per timeline: the younger begins with a copy.
struct Lineage: Hashable, Sendable {
    struct Span: Hashable, Sendable {
        let timeline: Timeline
        let begin: LSN
        /// The switch point; nil for the timeline that is being written.
        let end: LSN?
    }

    let spans: [Span]

    /// `history` is the history of `timeline`; the first timeline's is empty.
    init(of timeline: Timeline, _ history: TimelineHistory) {
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
    var current: Timeline { spans[spans.count - 1].timeline }

    /// The timeline that wrote the byte at `position`.
    func timeline(at position: LSN) -> Timeline {
        (spans.last { $0.begin <= position } ?? spans[0]).timeline
    }

    func includes(_ timeline: Timeline) -> Bool { spans.contains { $0.timeline == timeline } }

    /// Where a timeline's part of the log ends; nil while it is being written.
    func end(of timeline: Timeline) -> LSN? {
        spans.first { $0.timeline == timeline }?.end
    }

    /// The timelines whose file of this segment may serve, best first. PostgreSQL:
    /// XLogFileReadAnyTLI.
    func candidates(for number: UInt64, _ size: SegmentSize) -> [Timeline] {
        let start = size.start(of: number)
        return spans.reversed().filter { span in
            let hasBegun = size.number(containing: span.begin) <= number
            let isOver = span.end.map { $0 <= start } ?? false
            return hasBegun && !isOver
        }.map(\.timeline)
    }
}
