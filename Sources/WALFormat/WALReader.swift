/// Finds the records in bytes of log that arrive in pieces of any size. PostgreSQL: `xlogreader`.
///
/// - The results do not depend on how the bytes were cut into pieces.
/// - It trusts nothing: page headers, lengths, previous-links and checksums are checked before a
///   record is reported, and a length is checked before anything is kept because of it.
/// - It keeps one unfinished record (at most `WALRecord.maximumByteCount`) and what was fed and not
///   yet asked for.
/// - After `endOfLog` or `corrupt` it stays there, whatever is fed.
public struct WALReader: Sendable {
    /// The end of the last record, or where reading began.
    public private(set) var end: LSN
    /// The start of the last record, or what the reader was told; `nil` if unknown.
    public private(set) var previous: LSN?
    /// The timeline of the last page header read, if any.
    public private(set) var timeline: Timeline?
    /// Bytes of the last record, without page headers and padding. PostgreSQL: `xl_tot_len`.
    public private(set) var recordByteCount = 0
    /// Whether records are read for show only: images of pages that are compressed will do then.
    public var passesUnreadableImages = false

    private let segmentSize: SegmentSize
    private let systemIdentifier: UInt64?
    private var input: [UInt8] = []
    /// Index of the byte at `position`; beyond the input's end when that byte has not come yet.
    private var inputOffset = 0
    private var position: LSN
    /// The record at `recordStart` as far as it was read; empty between records.
    private var gathered: [UInt8] = []
    private var recordStart: LSN
    /// Bytes left of a record that began before the place we started at.
    private var unwanted: UInt32 = 0
    private var stopped: WALReadResult?

    /// Starts at `at`: the start of a record, the end of one, or a page boundary.
    ///
    /// `previous` is where the record before `at` starts. If that is unknown, the first record's
    /// link needs only to point back, and the rest of a record begun before `at` is passed over.
    /// A `nil` system identifier is not checked.
    public init(at: LSN, previous: LSN?, segmentSize: SegmentSize, systemIdentifier: UInt64?) {
        self.end = at
        self.position = at
        self.recordStart = at
        self.previous = previous
        self.segmentSize = segmentSize
        self.systemIdentifier = systemIdentifier
        // Refusing the last 2^48 positions keeps the others' sums away from the end of the range.
        if !at.isPossibleRecordEnd(segmentSize) || at.rawValue >> 48 == 0xFFFF {
            stopped = .endOfLog(at: at, .invalidPosition)
        }
    }

    /// Whether the beginning of a record has been read and its rest has not come yet.
    public var isInsideRecord: Bool { !gathered.isEmpty && stopped == nil }

    /// Takes the bytes that follow those fed before.
    public mutating func feed(_ bytes: [UInt8]) {
        guard stopped == nil else { return }
        // Moving the rest to the front only when it is the smaller half keeps the cost linear.
        if inputOffset >= input.count / 2 {
            let read = min(inputOffset, input.count)
            input.removeFirst(read)
            inputOffset -= read
        }
        if input.isEmpty {
            input = bytes
        } else {
            input.append(contentsOf: bytes)
        }
    }

    /// The next record, or why there is none.
    public mutating func next() -> WALReadResult {
        while stopped == nil {
            do throws(Interruption) {
                return try readRecord()
            } catch {
                switch error {
                case .needsMoreBytes: return .needsMoreBytes
                case .recordReplaced: gathered = []
                case .stopped(let result): stopped = result
                }
            }
        }
        return stopped ?? .needsMoreBytes
    }

    /// After `corrupt`: goes on behind the damaged record, to see whether the log does too. Bytes
    /// fed between the two calls are lost.
    ///
    /// A record behind it that names it as its previous one proves that the damage is in the middle
    /// of the log; otherwise the damaged record was the last, perhaps written only in part.
    public mutating func passCorruptRecord() {
        guard case .corrupt = stopped else { return }
        stopped = nil
        finishRecord(isSegmentSwitch: false)
    }
}

/// The steps of reading one record. Each can run out of bytes and is then taken up where it
/// stopped.
extension WALReader {
    private enum Interruption: Error {
        case needsMoreBytes
        /// The record begun was given up by its writer; another begins on the page at hand.
        case recordReplaced
        case stopped(WALReadResult)
    }

    private mutating func readRecord() throws(Interruption) -> WALReadResult {
        try passUnwantedRest()
        if gathered.isEmpty {
            try beginRecord()
        }
        // A record starts at a multiple of 8, so its length is never split between pages.
        try gather(upTo: 4)
        let length = gathered.load(littleEndian: UInt32.self, at: 0)
        guard RecordHeader.isPossible(length: length) else {
            throw endOfLog(length == 0 ? .neverWritten : .lengthOutOfRange(length))
        }
        try gather(upTo: WALRecord.headerByteCount)
        try checkRecordHeader()
        try gather(upTo: Int(length))
        return try decodeRecord()
    }

    private mutating func beginRecord() throws(Interruption) {
        while position.offsetOnPage == 0 {
            let page = position
            let header = try takePageHeader()
            guard header.continuesRecord else { break }
            guard previous == nil else {
                throw endOfLog(.page(at: page, .unexpectedContinuation))
            }
            unwanted = header.remaining
            try passUnwantedRest()
        }
        recordStart = position
    }

    /// Passes over what is left of a record that began before the place we started at.
    private mutating func passUnwantedRest() throws(Interruption) {
        guard unwanted > 0 else { return }
        while unwanted > 0 {
            if position.offsetOnPage == 0 {
                try continuePage(expecting: Int(unwanted))
            }
            unwanted -= UInt32(try advance(atMost: Int(unwanted)).count)
        }
        move(to: position.aligned)
        end = position
    }

    /// Collects the record's bytes, page headers taken out, until there are `count`.
    private mutating func gather(upTo count: Int) throws(Interruption) {
        while gathered.count < count {
            if position.offsetOnPage == 0 {
                let length = Int(gathered.load(littleEndian: UInt32.self, at: 0))
                try continuePage(expecting: length - gathered.count)
            }
            gathered.append(contentsOf: input[try advance(atMost: count - gathered.count)])
        }
    }

    private func checkRecordHeader() throws(Interruption) {
        guard let header = RecordHeader(prefixOf: gathered[...]) else { return }
        if let previous, header.previous != previous {
            throw endOfLog(.wrongPrevious(found: header.previous, expected: previous))
        }
        if header.previous >= recordStart {
            throw endOfLog(.wrongPrevious(found: header.previous, expected: nil))
        }
        if !ResourceManager.isValid(header.resourceManager) {
            throw endOfLog(.unknownResourceManager(header.resourceManager))
        }
    }

    private mutating func decodeRecord() throws(Interruption) -> WALReadResult {
        do throws(WALRecordError) {
            let record = try WALRecord(
                decoding: gathered[...], passesUnreadableImages: passesUnreadableImages)
            let start = recordStart
            recordByteCount = gathered.count
            finishRecord(isSegmentSwitch: record.isSegmentSwitch)
            return .record(record, start: start, end: end)
        } catch {
            guard case .checksumMismatch(let stored, let computed) = error else {
                throw endOfLog(.unreadable(error))
            }
            throw .stopped(
                .corrupt(at: recordStart, storedCRC: stored, computedCRC: computed))
        }
    }

    private mutating func finishRecord(isSegmentSwitch: Bool) {
        move(to: position.aligned)
        let used = segmentSize.offset(of: position)
        if isSegmentSwitch && used > 0 {
            move(to: position.advanced(by: segmentSize.byteCount - used))
        }
        previous = recordStart
        end = position
        gathered.removeAll(keepingCapacity: gathered.capacity <= WALPageHeader.pageByteCount)
    }

    private func endOfLog(_ reason: EndReason) -> Interruption {
        .stopped(.endOfLog(at: end, reason))
    }
}

/// Pages and the input.
extension WALReader {
    /// Takes the header of a page that must go on with a record of which `count` bytes are missing.
    private mutating func continuePage(expecting count: Int) throws(Interruption) {
        let page = position
        let header = try takePageHeader()
        if header.replacesRecord && !header.continuesRecord {
            unwanted = 0
            throw .recordReplaced
        }
        guard header.continuesRecord else {
            throw endOfLog(.page(at: page, .missingContinuation))
        }
        guard Int(header.remaining) == count else {
            throw endOfLog(
                .page(at: page, .remainingLength(found: header.remaining, expected: count)))
        }
    }

    private mutating func takePageHeader() throws(Interruption) -> WALPageHeader {
        let header: WALPageHeader?
        do throws(WALPageProblem) {
            header = try WALPageHeader.read(
                input[min(inputOffset, input.count)...], address: position,
                segmentSize: segmentSize, systemIdentifier: systemIdentifier)
        } catch {
            let isInsideRecord = !gathered.isEmpty || unwanted > 0
            throw endOfLog(
                error == .neverWritten && !isInsideRecord
                    ? .neverWritten : .page(at: position, error))
        }
        guard let header else { throw .needsMoreBytes }
        if let timeline, header.timeline < timeline {
            throw endOfLog(.page(at: position, .timelineWentBack(header.timeline)))
        }
        timeline = header.timeline
        move(to: position.advanced(by: header.byteCount))
        return header
    }

    /// Moves over at least one and at most `count` bytes of this page; their place in the input.
    private mutating func advance(atMost count: Int) throws(Interruption) -> Range<Int> {
        let available = min(
            count, input.count - inputOffset, WALPageHeader.pageByteCount - position.offsetOnPage)
        guard available > 0 else { throw .needsMoreBytes }
        let start = inputOffset
        move(to: position.advanced(by: available))
        return start..<inputOffset
    }

    private mutating func move(to next: LSN) {
        inputOffset += next - position
        position = next
    }
}
