public import WALFormat

/// A page of the table's file. PostgreSQL: `PageHeaderData`, with line pointers growing up from it
/// and tuples growing down from the page's end.
///
///     0 u32 LSN high, u32 LSN low   12 u16 lower: end of line pointers   18 u16 8192 | version 4
///     8 u16 checksum (on disk)      14 u16 upper: start of tuples        20 u32 prune xid
///     10 u16 flags                  16 u16 special: 8192                 24 line pointers
///
/// - There are always 8192 bytes.
/// - 24 <= lower <= upper <= special = 8192, or the page is all zeros: a page of the file that was
///   never written. Such a page holds nothing and takes nothing until an image is restored over it.
/// - What lies between lower and upper (the hole) means nothing and counts as zeros.
/// - Line pointers and tuples are believed only after a check: any bytes are safe to read.
public struct HeapPage: Hashable, Sendable {
    /// Bytes of a page, PostgreSQL's `BLCKSZ`.
    public static let byteCount = PageImage.pageByteCount
    /// The most tuples a page can hold: 291. PostgreSQL: `MaxHeapTuplesPerPage`.
    public static let maximumLineCount = (byteCount - headerByteCount) / 28
    static let headerByteCount = 24

    /// The page's 8192 bytes.
    public internal(set) var bytes: [UInt8]

    /// An empty page. PostgreSQL: `PageInit`.
    public init() {
        bytes = Array(repeating: 0, count: Self.byteCount)
        store(UInt16(Self.headerByteCount), at: Field.lower)
        store(UInt16(Self.byteCount), at: Field.upper)
        store(UInt16(Self.byteCount), at: Field.special)
        store(Field.sizeAndVersionValue, at: Field.sizeAndVersion)
    }

    /// Takes a page read from a file or restored from an image. PostgreSQL: `PageIsVerified`.
    public init(bytes: [UInt8]) throws(PageError) {
        guard bytes.count == Self.byteCount else { throw .wrongByteCount(bytes.count) }
        self.bytes = bytes
        guard !isNeverWritten else { return }
        try checkHeader()
    }

    /// Where the record of the page's last change ends; the page may go to disk when the log is
    /// there up to this point.
    public var lsn: LSN {
        LSN(UInt64(load(UInt32.self, at: 0)) << 32 | UInt64(load(UInt32.self, at: 4)))
    }

    /// The end of the line pointers.
    public var lower: Int { Int(load(UInt16.self, at: Field.lower)) }
    /// The start of the tuples.
    public var upper: Int { Int(load(UInt16.self, at: Field.upper)) }
    /// The end of the tuples: 8192, for the lab's pages have no special space.
    public var special: Int { Int(load(UInt16.self, at: Field.special)) }
    /// The names of the header's flags that are set, PostgreSQL's `PD_…`.
    public var flagNames: [String] {
        let flags = load(UInt16.self, at: Field.flags)
        return ["PD_HAS_FREE_LINES", "PD_PAGE_FULL", "PD_ALL_VISIBLE"].enumerated()
            .filter { flags >> $0.offset & 1 == 1 }.map(\.element)
    }
    /// The oldest transaction that left something to remove here, as a hint; invalid if none.
    public var pruneXID: TransactionID { TransactionID(load(UInt32.self, at: Field.pruneXID)) }
    /// Line pointers, used or not.
    public var lineCount: Int { max(0, lower - Self.headerByteCount) / LinePointer.byteCount }
    /// Whether the page is all zeros: part of the file, but never written.
    public var isNeverWritten: Bool { upper == 0 && bytes.allSatisfy { $0 == 0 } }

    /// Bytes of the longest tuple that would still fit with a new line pointer. PostgreSQL:
    /// `PageGetHeapFreeSpace`.
    public var freeSpace: Int {
        lineCount < Self.maximumLineCount || firstUnusedItem != nil
            ? max(0, upper - lower - LinePointer.byteCount) : 0
    }

    /// Says that the record of the page's last change ends at `end`.
    public mutating func setLSN(_ end: LSN) {
        store(UInt32(truncatingIfNeeded: end.rawValue >> 32), at: 0)
        store(UInt32(truncatingIfNeeded: end.rawValue), at: 4)
    }

    /// Clears what lies between the line pointers and the tuples.
    public mutating func zeroHole() {
        guard lower < upper, upper <= Self.byteCount else { return }
        bytes.zero(lower..<upper)
    }

    /// Where the header's fields are.
    enum Field {
        static let checksum = 8
        static let flags = 10
        static let lower = 12
        static let upper = 14
        static let special = 16
        static let sizeAndVersion = 18
        static let sizeAndVersionValue: UInt16 = 0x2004
        static let pruneXID = 20
        /// A bit of `flags`: there may be unused line pointers.
        static let hasFreeLines: UInt16 = 0x0001
    }

    func load<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type, at offset: Int
    ) -> Value {
        bytes.load(littleEndian: type, at: offset)
    }

    mutating func store(_ value: some FixedWidthInteger, at offset: Int) {
        bytes.store(littleEndian: value, at: offset)
    }

    func checkHeader() throws(PageError) {
        guard load(UInt16.self, at: Field.sizeAndVersion) == Field.sizeAndVersionValue,
            Self.headerByteCount <= lower, lower <= upper, upper <= special,
            special == Self.byteCount
        else { throw .malformedHeader(lower: lower, upper: upper, special: special) }
    }
}
