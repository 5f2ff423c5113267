internal import WALFormat

/// The bytes behind a log's apparent end, searched for proof that the log once went on.
struct LogRemains {
    private static let sectorByteCount = 512
    private static let pageByteCount = 8192

    private let from: LSN
    private let size: SegmentSize
    /// What the files hold, from the apparent end on.
    private var pieces: [(start: LSN, bytes: [UInt8])] = []

    init(from: LSN, _ size: SegmentSize) {
        self.from = from
        self.size = size
    }

    /// Adds a segment's bytes; segments come in rising order.
    mutating func append(segment number: UInt64, _ bytes: [UInt8]) {
        let start = size.start(of: number)
        let skipped = max(0, from - start)
        let rest = bytes.prefix(usedByteCount(of: bytes, at: start)).dropFirst(skipped)
        if !rest.isEmpty { pieces.append((max(start, from), Array(rest))) }
    }

    /// How much of a segment is left without the pages at its end that the log never came to, as
    /// most have not: zeros, and what is left of the file's earlier use. One page alone that bears
    /// an address too low may be the log's last, damaged; two or more have been there before.
    private func usedByteCount(of bytes: [UInt8], at start: LSN) -> Int {
        let pages = bytes.pages(at: start, size)
        let isWhole = pages.count * Self.pageByteCount == bytes.count
        guard isWhole, let last = pages.last(where: { $0 != .empty }) else {
            return isWhole ? 0 : bytes.count
        }
        let afterZeros = (pages.lastIndex { $0 != .empty } ?? -1) + 1
        guard case .stale = last else { return afterZeros * Self.pageByteCount }
        let used = (pages.lastIndex { $0 != .empty && $0 != last } ?? -1) + 1
        let isRecycled = pages[used...].count { $0 == last } > 1
        return (isRecycled ? used : afterZeros) * Self.pageByteCount
    }

    /// The start of the first whole record with a right checksum that was written after the damage:
    /// its previous-link points there or behind.
    func firstGoodRecord() -> LSN? {
        let (content, positions) = withoutPageHeaders()
        return content.withUnsafeBytes { bytes in
            for offset in stride(from: 0, to: bytes.count - WALRecord.headerByteCount, by: 8) {
                let length = Int(bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
                // Zeros are by far the most frequent; they cost this one test.
                guard length >= WALRecord.headerByteCount, length <= bytes.count - offset,
                    length <= WALRecord.maximumByteCount
                else { continue }
                let start = positions.position(of: offset)
                let link = bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)
                guard LSN(link) >= from, LSN(link) < start else { continue }
                let record = Array(bytes[offset..<offset + length])
                if (try? WALRecord(decoding: record)) != nil { return start }
            }
            return nil
        }
    }

    /// Whether a whole sector between the damage and `end` is zero, in the segment of `end`: those
    /// before it were synced before it was begun. The part of the first sector that lies before the
    /// damage was written earlier and does not count.
    func hasEmptySector(before end: LSN) -> Bool {
        let sector = UInt64(Self.sectorByteCount)
        var start = max(from, size.start(of: size.number(containing: end)))
        while start < end {
            let next = LSN((start.rawValue / sector + 1) * sector)
            if next <= end, isZero(start..<next) { return true }
            start = next
        }
        return false
    }

    /// Whether the record at the apparent end looks like one whose writing was interrupted: its
    /// last bytes, or a sector of it, are missing. Decides a word in a report, nothing else.
    var looksUnfinished: Bool {
        let (content, positions) = withoutPageHeaders()
        guard content.count >= 4 else { return false }
        let length = Int(content.load(littleEndian: UInt32.self, at: 0))
        guard length >= WALRecord.headerByteCount, length <= content.count else { return false }
        return content[(length - 8)..<length].allSatisfy { $0 == 0 }
            || hasEmptySector(before: positions.position(of: length))
    }

    private func isZero(_ range: Range<LSN>) -> Bool {
        for (start, bytes) in pieces {
            let lower = max(0, range.lowerBound - start)
            let upper = min(bytes.count, range.upperBound - start)
            if lower < upper, !bytes[lower..<upper].isAllZero { return false }
        }
        return true
    }

    /// The record bytes of all pages, whatever their headers say, one behind the other.
    private func withoutPageHeaders() -> (content: [UInt8], positions: ContentPositions) {
        var content: [UInt8] = []
        var positions = ContentPositions()
        for (pieceStart, bytes) in pieces {
            var offset = 0
            while offset < bytes.count {
                let start = pieceStart.advanced(by: offset)
                let inPage = Int(start.rawValue % UInt64(Self.pageByteCount))
                let header = inPage > 0 ? 0 : size.offset(of: start) == 0 ? 40 : 24
                let end = min(bytes.count, offset + Self.pageByteCount - inPage)
                let first = min(end, offset + header)
                positions.add(start.advanced(by: first - offset), at: content.count)
                content.append(contentsOf: bytes[first..<end])
                offset = end
            }
        }
        return (content, positions)
    }
}

/// Where in the log the bytes of pages without their headers came from.
private struct ContentPositions {
    private var anchors: [(offset: Int, position: LSN)] = []

    mutating func add(_ position: LSN, at offset: Int) {
        anchors.append((offset, position))
    }

    func position(of offset: Int) -> LSN {
        var low = 0
        var high = anchors.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if anchors[middle].offset <= offset { low = middle } else { high = middle }
        }
        guard low < anchors.count else { return .invalid }
        return anchors[low].position.advanced(by: offset - anchors[low].offset)
    }
}
