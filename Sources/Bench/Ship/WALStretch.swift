internal import WALFormat

/// A stretch of existing WAL, whole segments of it, that every contestant ships.
struct WALStretch: Hashable, Sendable {
    let timeline: Timeline
    let segmentSize: SegmentSize
    /// The number of the first segment.
    let firstSegment: UInt64
    let segmentCount: Int

    /// The whole segments between two positions.
    init?(from: LSN, upTo: LSN, timeline: Timeline = .first, segmentSize: SegmentSize) {
        self.timeline = timeline
        self.segmentSize = segmentSize
        let isAtStart = segmentSize.offset(of: from) == 0
        firstSegment = segmentSize.number(containing: from) + (isAtStart ? 0 : 1)
        let end = segmentSize.number(containing: upTo)
        guard end > firstSegment else { return nil }
        segmentCount = Int(end - firstSegment)
    }

    var start: LSN { segmentSize.start(of: firstSegment) }
    var end: LSN { start.advanced(by: byteCount) }
    var byteCount: Int { segmentCount * segmentSize.byteCount }

    /// The names of the segments' files, in order.
    var fileNames: [String] { (0..<segmentCount).map { fileName(firstSegment + UInt64($0)) } }

    /// The file of the segment before the first.
    var precedingFileName: String { fileName(firstSegment - 1) }

    private func fileName(_ number: UInt64) -> String {
        SegmentName(timeline: timeline, number: number).fileName(segmentSize)
    }
}
