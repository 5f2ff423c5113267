/// Why bytes are not a WAL record that we can read. The offending value is in each case.
public enum WALRecordError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Fewer bytes than a record header has, or another number than the record says it has.
    case lengthsDisagree(stated: UInt32, actual: Int)
    /// The record says it is shorter than its header or longer than `WALRecord.maximumByteCount`.
    case lengthOutOfRange(UInt32)
    /// The bytes are not those the checksum was computed over.
    case checksumMismatch(stored: UInt32, computed: UInt32)
    /// No resource manager of PostgreSQL 15 has this number.
    case unknownResourceManager(UInt8)
    /// A fragment that is neither a block, nor main data, nor one of the two marks we skip.
    case unknownFragment(UInt8)
    /// Block numbers inside a record must rise.
    case blockOutOfOrder(UInt8)
    /// The "has data" flag and the data length contradict each other.
    case blockDataFlagDisagrees(block: UInt8, length: UInt16)
    /// "Same relation as before" on the first block.
    case noPreviousRelation(block: UInt8)
    /// The image's length and hole do not make up a page of 8192 bytes.
    case impossibleImage(block: UInt8, length: UInt16, holeOffset: UInt16, info: UInt8)
    /// The image is compressed with lz4 or zstd (`wal_compression`), which we do not read.
    case unreadableImage(block: UInt8, info: UInt8)
    /// The fragments do not add up to the record's length: a bad one begins with `rest` bytes left.
    case fragmentsDisagree(rest: Int)
}
