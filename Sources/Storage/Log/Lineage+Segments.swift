internal import WALFormat

extension Lineage {
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
