public import WALFormat

/// One version of a row of `kv(key text, value text)`. PostgreSQL: `HeapTupleHeaderData`, then two
/// `text` values.
///
///     0  u32 xmin               12 u16 block high, u16 block low, u16 item: the next version
///     4  u32 xmax               18 u16 infomask2 (column count)   20 u16 infomask
///     8  u32 command            22 u8 offset of the data: 24      23 padding
///     24 key, value; each short (u8 (n+1)<<1|1, for n <= 126) or long (4-aligned u32 (n+4)<<2)
///
/// - It is a value read from a page or about to go onto one; pages change through `HeapPage`.
/// - The newest version of a row names itself as its next one.
/// - Every version has its own line pointer: no heap-only tuples. No NULLs, and no compressed or
///   out-of-line values: a row must fit a page.
public struct HeapTuple: Hashable, Sendable {
    /// Bytes of the header with its padding.
    public static let headerByteCount = 24

    /// The transaction that made this version.
    public var xmin: TransactionID
    /// The transaction that deleted or replaced it; meaningless while `HEAP_XMAX_INVALID` is set.
    public var xmax: TransactionID
    /// The page of the next version.
    public var block: UInt32
    /// The next version's line pointer in its page, from 1.
    public var item: UInt16
    /// Column count and flags. PostgreSQL: `t_infomask2`.
    public var infomask2: UInt16
    /// Flags about the values and the two transactions. PostgreSQL: `t_infomask`.
    public var infomask: UInt16
    /// The key's bytes.
    public var key: [UInt8]
    /// The value's bytes.
    public var value: [UInt8]

    /// The flags the lab reads or writes, with PostgreSQL's names `HEAP_…`.
    public enum Flag {
        /// In infomask: a column has no fixed width.
        public static let hasVariableWidth: UInt16 = 0x0002
        /// In infomask: nobody deleted this version.
        public static let xmaxInvalid: UInt16 = 0x0800
        /// In infomask: this version replaced another.
        public static let updated: UInt16 = 0x2000
        /// In infomask: all that is said about xmax, `HEAP_XMAX_BITS`.
        static let xmaxBits: UInt16 = 0x1CD0
        /// In infomask: xmax only locked this version, `HEAP_XMAX_LOCK_ONLY`.
        static let xmaxLockOnly: UInt16 = 0x0080
        /// In infomask2: deleted, so that the key is gone too.
        static let keysUpdated: UInt16 = 0x2000
        /// In infomask2: the next version is heap-only. The lab makes none.
        static let hotUpdated: UInt16 = 0x4000
        /// In infomask2: bits that hold the column count.
        static let columnCountMask: UInt16 = 0x07FF
        /// In infomask: NULLs, out-of-line values, which we do not read.
        static let unreadable: UInt16 = 0x0001 | 0x0004
    }

    /// A new version of a row by transaction `xmin`. It names itself as the next one as soon as it
    /// is on a page; `block` is that page's number.
    ///
    /// Throws `rowTooBig` when it does not fit an empty page.
    public init(
        xmin: TransactionID, block: UInt32, key: [UInt8], value: [UInt8],
        replacesAnother: Bool = false
    ) throws(TupleError) {
        let size = HeapPage.aligned(
            Self.byteCount(keyByteCount: key.count, valueByteCount: value.count))
        guard size <= Self.maximumByteCount else {
            throw .rowTooBig(byteCount: size, maximum: Self.maximumByteCount)
        }
        self.xmin = xmin
        self.xmax = .invalid
        self.block = block
        self.item = 0
        self.infomask2 = 2
        self.infomask =
            Flag.hasVariableWidth | Flag.xmaxInvalid | (replacesAnother ? Flag.updated : 0)
        self.key = key
        self.value = value
    }

    /// The deleter or replacer, if `xmax` stands for one; whether it counts depends on its end.
    public var deleter: TransactionID? { Self.deleter(xmax: xmax, infomask: infomask) }

    static func deleter(xmax: TransactionID, infomask: UInt16) -> TransactionID? {
        let isNone = infomask & (Flag.xmaxInvalid | Flag.xmaxLockOnly) != 0 || xmax == .invalid
        return isNone ? nil : xmax
    }
}
