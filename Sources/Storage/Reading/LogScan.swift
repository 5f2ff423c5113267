internal import WALFormat

/// Reads the records of a lineage's log from a position to the log's end, segment by segment, and
/// says how it ended. Used by recovery and by the independent witness; it changes nothing.
///
/// The end of a log is where the first record fails its checks; the disk cannot say why. Two
/// reasons are told apart by what lies behind it:
///
/// - Nothing: the record was being written when the power went, or it was the last. The log ends.
/// - A good record whose previous-link points at or behind the damage: the log once went on there,
///   so records that were acknowledged would be dropped silently. That is corruption, and fatal.
/// - Except that one unfinished write may span many sectors, which reach the disk in any order. A
///   sector that never arrived is all zero, for segments are zero-filled when they are made, and
///   those that are used again are zeroed ahead of the log. So when a whole 512-byte sector between
///   the damage and that good record is zero, the good record belongs to the same unfinished, never
///   acknowledged write, and the log ends at the damage. It must lie
///   in the same segment as that record: a segment is synced before the next is begun.
///   (The price: a device that loses a sector by zeroing it is not caught by this rule, nor is a
///   bit flipped in a record with so many zeros of its own, such as the image of a page that has
///   hundreds of unused line pointers.)
///
/// Behind the log's end a recycled segment holds log that was written for another place. It is no
/// record behind the damage: each of its pages bears its old address, and each of its records names
/// one before it that lies before the redo point.
struct LogScan: Sendable {
    struct Entry: Hashable, Sendable {
        let record: WALRecord
        let start: LSN
        let end: LSN
    }

    /// Most of the last segment is zeros, so a segment is read in pieces.
    private static let pieceByteCount = 128 * 1024

    let directory: WALDirectory
    let lineage: Lineage
    private var reader: WALReader
    /// The first byte not fed to the reader yet.
    private var nextFed: LSN
    private var isLastFed = false
    /// How the log ended; nil until `next()` has answered nil.
    private(set) var logEnd: LogEnd?
    /// The end of the last record read, or where reading began.
    var end: LSN { reader.end }

    init(_ directory: WALDirectory, _ lineage: Lineage, from: LSN, systemIdentifier: UInt64?) {
        self.directory = directory
        self.lineage = lineage
        nextFed = from
        reader = WALReader(
            at: from, previous: nil, segmentSize: directory.segmentSize,
            systemIdentifier: systemIdentifier)
    }

    /// The next record, or nil at the log's end.
    /// - Throws: `.corrupt` and `.missingWAL` when the log goes on behind its damage.
    mutating func next() throws(OpenFailure) -> Entry? {
        while logEnd == nil {
            switch reader.next() {
            case .record(let record, let start, let end):
                return Entry(record: record, start: start, end: end)
            case .needsMoreBytes:
                if try feedPiece() { continue }
                try finish(reader.isInsideRecord ? .tornTail(at: end) : .clean)
            case .endOfLog(_, .neverWritten):
                try finish(.clean)
            case .endOfLog(let position, .page(let page, .address(let found)))
            where page == position && found < page:
                // Between two records, and what follows was written for an earlier place.
                try finish(.clean)
            case .endOfLog(let position, _):
                try finish(.tornTail(at: position))
            case .corrupt(let position, let stored, let computed):
                try finish(.damagedLast(at: position, storedCRC: stored, computedCRC: computed))
            }
        }
        return nil
    }

    private mutating func feedPiece() throws(OpenFailure) -> Bool {
        let size = directory.segmentSize
        let offset = size.offset(of: nextFed)
        let end = min(size.byteCount, (offset / Self.pieceByteCount + 1) * Self.pieceByteCount)
        let number = size.number(containing: nextFed)
        guard !isLastFed, let bytes = try segment(number, offset..<end) else { return false }
        // A file cut short: what follows it cannot be joined to it.
        isLastFed = bytes.count < end - offset
        reader.feed(bytes)
        nextFed = nextFed.advanced(by: bytes.count)
        return true
    }

    /// A segment's bytes at some offsets, zeros in the place of what an ancestor wrote behind the
    /// fork; nil when there is no such segment.
    private func segment(
        _ number: UInt64, _ range: Range<Int>
    ) throws(OpenFailure) -> [UInt8]? {
        let size = directory.segmentSize
        do {
            guard let (name, file) = try directory.open(number, of: lineage) else { return nil }
            var bytes = try asking { () throws(IOFailure) in
                try file.read(at: range.lowerBound, count: range.count)
            }
            if let fork = lineage.end(of: name.timeline) {
                let kept = max(0, fork - size.start(of: number) - range.lowerBound)
                if kept < bytes.count { bytes.removeSubrange(kept...) }
                bytes += [UInt8](repeating: 0, count: range.count - bytes.count)
            }
            return bytes
        } catch {
            throw OpenFailure(error, at: size.start(of: number))
        }
    }

    private mutating func finish(_ apparent: LogEnd) throws(OpenFailure) {
        var remains = LogRemains(from: end, directory.segmentSize)
        var expected = directory.segmentSize.number(containing: end)
        var missing: UInt64?
        for number in try segmentNumbers(from: expected) {
            if number != expected, missing == nil { missing = expected }
            if let bytes = try segment(number, 0..<directory.segmentSize.byteCount) {
                remains.append(segment: number, bytes)
            }
            expected = number + 1
        }
        let good = remains.firstGoodRecord()
        if let good, let missing, missing < directory.segmentSize.number(containing: good) {
            let name = SegmentName(timeline: lineage.current, number: missing)
            throw .missingWAL(at: end, fileName: name.fileName(directory.segmentSize))
        }
        if let good, !remains.hasEmptySector(before: good) {
            throw .corrupt(WALDamage(at: end, apparent, nextGoodRecord: good))
        }
        let isUnfinished = good != nil || (apparent != .clean && remains.looksUnfinished)
        logEnd = isUnfinished ? .tornTail(at: end) : apparent
    }

    /// The segments there are, of whatever timeline of the lineage, without gaps filled in.
    private func segmentNumbers(from first: UInt64) throws(OpenFailure) -> [UInt64] {
        do {
            let timelines = Set(lineage.spans.map(\.timeline))
            let names = try directory.segments().filter { name in
                name.number >= first && timelines.contains(name.timeline)
            }
            return Set(names.map(\.number)).sorted()
        } catch {
            throw OpenFailure(error, at: end)
        }
    }
}
