import WALFormat

/// Records out of a stream of log, from the first one at or behind a wanted position on.
///
/// - The stream begins at the page that holds the position: a reader can only begin there, or where
///   it knows a record to begin.
struct TailReading {
    /// What comes next.
    enum Step {
        case record(LogTail.Record)
        case needsMoreBytes
        case failed(LogTail.Failure)
    }

    /// Where the stream must begin, for a wanted position.
    static func streamStart(for wanted: LSN) -> LSN { LSN(wanted.rawValue & ~8191) }

    private let wanted: LSN
    private let firstTimeline: Timeline
    private var reader: WALReader

    init(from wanted: LSN, segmentSize: SegmentSize, systemIdentifier: UInt64, _ first: Timeline) {
        self.wanted = wanted
        firstTimeline = first
        reader = WALReader(
            at: Self.streamStart(for: wanted), previous: nil, segmentSize: segmentSize,
            systemIdentifier: systemIdentifier)
        reader.passesUnreadableImages = true
    }

    /// The end of the last record.
    var end: LSN { reader.end }

    mutating func feed(_ bytes: [UInt8]) {
        reader.feed(bytes)
    }

    mutating func next() -> Step {
        while true {
            switch reader.next() {
            case .record(_, let start, _) where start < wanted: continue
            case .record(let record, let start, let end):
                return .record(
                    LogTail.Record(
                        start: start, end: end, byteCount: reader.recordByteCount, xid: record.xid,
                        resourceManager: record.resourceManager,
                        timeline: reader.timeline ?? firstTimeline,
                        blocks: record.blocks.map(LogTail.Block.init)))
            case .needsMoreBytes: return .needsMoreBytes
            case .endOfLog(let lsn, let reason): return .failed(.unreadable(at: lsn, reason))
            case .corrupt(let lsn, _, _): return .failed(.corrupt(at: lsn))
            }
        }
    }
}

extension LogTail.Block {
    init(_ reference: BlockReference) {
        self.init(
            relation: reference.relation, fork: reference.fork, block: reference.block,
            image: reference.image.map { $0.appliesOnRedo ? .full : .check } ?? .none)
    }
}
