/// Lays records out as pages of log: bytes out, no file. PostgreSQL: `ReserveXLogInsertLocation`,
/// `CopyXLogRecordToWAL`.
///
/// - Bytes come out once, in order, and are never changed later: nothing before the position it was
///   started at, nothing before what was taken. So a page's header comes out with the first record
///   byte behind it, not earlier.
/// - A record starts at a multiple of 8. It may end on a page; the next page's header then still
///   does not exist, and `insertLSN` is the page boundary itself.
public struct WALInserter: Sendable {
    /// Where a record was put, as a reader will report it.
    public struct Inserted: Hashable, Sendable {
        /// The record's first byte.
        public let start: LSN
        /// Where the log goes on after the record and its padding.
        public let end: LSN
    }

    /// Where the log goes on. PostgreSQL: `pg_current_wal_insert_lsn()`.
    public private(set) var insertLSN: LSN
    /// Where the last record starts.
    public private(set) var previous: LSN
    /// The timeline written into page headers.
    public let timeline: Timeline
    private let systemIdentifier: UInt64
    private let segmentSize: SegmentSize
    private var pending: [UInt8] = []
    private var pendingStart: LSN

    /// Goes on at `at`, the end of the last record, which starts at `previous`.
    ///
    /// On a page boundary the page's header is still to be written; in the middle of a page it is
    /// there already. Any other position is our own bug and traps.
    public init(
        systemIdentifier: UInt64, timeline: Timeline, segmentSize: SegmentSize, at: LSN,
        previous: LSN
    ) {
        precondition(at.isPossibleRecordEnd(segmentSize), "no record can end at \(at)")
        self.systemIdentifier = systemIdentifier
        self.timeline = timeline
        self.segmentSize = segmentSize
        self.insertLSN = at
        self.previous = previous
        self.pendingStart = at
    }

    /// Puts the record at the end of the log, with its `previous` filled in.
    ///
    /// A segment switch goes through `switchSegment()`, which also writes the zeros behind it.
    @discardableResult
    public mutating func insert(_ record: WALRecord) -> Inserted {
        precondition(!record.isSegmentSwitch, "a segment switch needs switchSegment()")
        return append(record)
    }

    /// Ends the segment: a switch record, then zeros, without page headers, to the segment's end.
    ///
    /// At the start of a segment there is nothing to end: then it writes nothing and `start` equals
    /// `end`. PostgreSQL: `ReserveXLogSwitch`.
    @discardableResult
    public mutating func switchSegment() -> Inserted {
        guard segmentSize.offset(of: insertLSN) != 0 else {
            return Inserted(start: insertLSN, end: insertLSN)
        }
        let switched = append(WALRecord(body: .switchSegment))
        let used = segmentSize.offset(of: insertLSN)
        if used > 0 {
            emit(zeros: segmentSize.byteCount - used)
        }
        return Inserted(start: switched.start, end: insertLSN)
    }

    /// The bytes that came out since the last call, and where they belong; `nil` if none did.
    public mutating func takePending() -> (at: LSN, bytes: [UInt8])? {
        guard !pending.isEmpty else { return nil }
        defer {
            pending = []
            pendingStart = insertLSN
        }
        return (pendingStart, pending)
    }
}

extension WALInserter {
    private mutating func append(_ record: WALRecord) -> Inserted {
        var record = record
        record.previous = previous
        let bytes = record.encoded()
        if roomOnPage == WALPageHeader.pageByteCount {
            emitPageHeader(remaining: 0)
        }
        let start = insertLSN
        var written = min(bytes.count, roomOnPage)
        emit(bytes[..<written])
        while written < bytes.count {
            emitPageHeader(remaining: bytes.count - written)
            let end = min(bytes.count, written + roomOnPage)
            emit(bytes[written..<end])
            written = end
        }
        emit(zeros: insertLSN.aligned - insertLSN)
        previous = start
        return Inserted(start: start, end: insertLSN)
    }

    /// Bytes from here to the next page; a whole page on a boundary.
    private var roomOnPage: Int {
        WALPageHeader.pageByteCount - insertLSN.offsetOnPage
    }

    private mutating func emitPageHeader(remaining: Int) {
        WALPageHeader.append(
            to: &pending, address: insertLSN, timeline: timeline, remaining: remaining,
            segmentSize: segmentSize, systemIdentifier: systemIdentifier)
        insertLSN = insertLSN.advanced(by: WALPageHeader.byteCount(at: insertLSN, segmentSize))
    }

    private mutating func emit(_ bytes: ArraySlice<UInt8>) {
        pending.append(contentsOf: bytes)
        insertLSN = insertLSN.advanced(by: bytes.count)
    }

    private mutating func emit(zeros count: Int) {
        pending.append(zeros: count)
        insertLSN = insertLSN.advanced(by: count)
    }
}

extension LSN {
    /// Bytes from the start of the log page to here.
    var offsetOnPage: Int { Int(rawValue & UInt64(WALPageHeader.pageByteCount - 1)) }

    /// Whether a record can end here: aligned, and not inside a page header.
    func isPossibleRecordEnd(_ segmentSize: SegmentSize) -> Bool {
        let page = LSN(rawValue - UInt64(offsetOnPage))
        return self == aligned
            && (offsetOnPage == 0
                || offsetOnPage >= WALPageHeader.byteCount(at: page, segmentSize))
    }
}
