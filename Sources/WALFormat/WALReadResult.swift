/// What a `WALReader` found next.
public enum WALReadResult: Hashable, Sendable {
    /// A record whose checksum is right. `start` is its first byte; `end` is where the log goes on,
    /// without the header of a page that would begin there. PostgreSQL: `ReadRecPtr`, `EndRecPtr`.
    case record(WALRecord, start: LSN, end: LSN)
    /// The bytes fed so far stop between two records, or inside one (then `isInsideRecord`).
    case needsMoreBytes
    /// What follows `at`, the end of the last record, is not log. The reader stays here.
    case endOfLog(at: LSN, EndReason)
    /// A whole record begins at `at` and its checksum is wrong. The reader stays here.
    case corrupt(at: LSN, storedCRC: UInt32, computedCRC: UInt32)
}

/// How a reader knows that what follows is not log. The offending value is in each case.
public enum EndReason: Error, Hashable, Sendable, CustomStringConvertible {
    /// Zeros where a record would begin: the ordinary end of a log in a preallocated segment.
    case neverWritten
    /// The reader was asked to begin where no record can: unaligned, inside a page header, or so
    /// far on that positions run out.
    case invalidPosition
    /// A record's length that cannot be.
    case lengthOutOfRange(UInt32)
    /// The record does not name the record before it: left over from an earlier use of the file.
    case wrongPrevious(found: LSN, expected: LSN?)
    /// A resource manager PostgreSQL 15 does not have.
    case unknownResourceManager(UInt8)
    /// The header of the page at `at` is not the one that belongs there.
    case page(at: LSN, WALPageProblem)
    /// A record whose checksum is right, but which we cannot read.
    case unreadable(WALRecordError)
}

/// What is wrong with a page header. The offending value is in each case.
public enum WALPageProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// Zeros in the middle of a record: the rest of it was never written.
    case neverWritten
    /// Not the magic number of PostgreSQL 15's log.
    case magic(UInt16)
    /// Unknown info bits, or a segment's first page without the long header.
    case infoBits(UInt16)
    /// The page says it belongs elsewhere: left over from an earlier use of the file.
    case address(LSN)
    /// The log of another cluster.
    case systemIdentifier(UInt64)
    /// A segment size other than the reader was told.
    case segmentSize(UInt32)
    /// A page size other than 8192.
    case pageSize(UInt32)
    /// An older timeline than an earlier page had.
    case timelineWentBack(Timeline)
    /// The page goes on with a record where none was left unfinished.
    case unexpectedContinuation
    /// The page does not go on with the record that was left unfinished.
    case missingContinuation
    /// The page goes on with a record that has another length.
    case remainingLength(found: UInt32, expected: Int)
}
