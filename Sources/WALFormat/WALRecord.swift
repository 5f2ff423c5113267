/// One record of the log, apart from where it stands. PostgreSQL: `XLogRecord` and what follows it.
///
///     0  u32 total length        24  block headers, each: u8 number, u8 fork and flags,
///     4  u32 transaction             u16 data length [, image header] [, relation], u32 block
///     8  u64 previous record     ..  main data header: FF u8 length, or FE u32 length
///     16 u8 info, u8 manager     ..  each block's image and data, in the order of the headers
///     18 u16 zero                ..  main data
///     20 u32 CRC-32C
///
/// - The CRC covers the bytes from 24 on, then bytes 0 to 19. It is computed on encoding and
///   checked on decoding, never stored here.
/// - Decoding passes over replication origins and top-level transaction ids; the lab writes
///   neither.
public struct WALRecord: Hashable, Sendable {
    /// Bytes of a record's header.
    public static let headerByteCount = 24
    /// The longest record we write, or take for a record: 16 MiB.
    public static let maximumByteCount = 16 << 20
    /// The most blocks one record can refer to. PostgreSQL: `XLR_MAX_BLOCK_ID` + 1.
    public static let maximumBlockCount = 33

    /// The transaction that made the change; invalid for none.
    public var xid: TransactionID
    /// Where the record before this one starts. The inserter fills it in.
    public var previous: LSN
    /// Whose redo understands the record, see `ResourceManager`.
    public var resourceManager: UInt8
    /// The upper four bits belong to the resource manager and tell its records apart.
    public var info: UInt8
    /// The pages the record changes.
    public var blocks: [BlockReference]
    /// Data that belongs to no page.
    public var mainData: [UInt8]

    /// A record that has no place in the log yet.
    public init(
        xid: TransactionID = .invalid, previous: LSN = .invalid, resourceManager: UInt8,
        info: UInt8 = 0, blocks: [BlockReference] = [], mainData: [UInt8] = []
    ) {
        self.xid = xid
        self.previous = previous
        self.resourceManager = resourceManager
        self.info = info
        self.blocks = blocks
        self.mainData = mainData
    }

    /// The record's bytes with its CRC, without the padding that follows it in the log.
    ///
    /// Too many blocks or too long data is our own bug and traps.
    public func encoded() -> [UInt8] {
        precondition(blocks.count <= Self.maximumBlockCount, "\(blocks.count) blocks in a record")
        let dataLength = blocks.reduce(mainData.count) {
            $0 + $1.data.count + ($1.image?.bytes.count ?? 0)
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.headerByteCount + 32 * blocks.count + 8 + dataLength)
        bytes.append(littleEndian: UInt32(0))
        bytes.append(littleEndian: xid.rawValue)
        bytes.append(littleEndian: previous.rawValue)
        bytes.append(contentsOf: [info, resourceManager, 0, 0, 0, 0, 0, 0])
        for (index, block) in blocks.enumerated() {
            let before = index > 0 ? blocks[index - 1] : nil
            block.appendHeader(number: UInt8(index), after: before, to: &bytes)
        }
        appendMainDataHeader(to: &bytes)
        for block in blocks {
            block.appendContent(to: &bytes)
        }
        bytes.append(contentsOf: mainData)
        precondition(bytes.count <= Self.maximumByteCount, "a record of \(bytes.count) bytes")
        bytes.store(littleEndian: UInt32(bytes.count), at: 0)
        bytes.store(littleEndian: Self.checksum(of: bytes[...]), at: 20)
        return bytes
    }

    private func appendMainDataHeader(to bytes: inout [UInt8]) {
        guard !mainData.isEmpty else { return }
        if let length = UInt8(exactly: mainData.count) {
            bytes.append(Fragment.shortMainData)
            bytes.append(length)
        } else {
            bytes.append(Fragment.longMainData)
            bytes.append(littleEndian: UInt32(mainData.count))
        }
    }

    /// What the CRC of a record must be: its body first, its header up to the CRC field last.
    static func checksum(of record: ArraySlice<UInt8>) -> UInt32 {
        record.withUnsafeBytes { bytes in
            var crc = CRC32C()
            crc.update(UnsafeRawBufferPointer(rebasing: bytes[headerByteCount...]))
            crc.update(UnsafeRawBufferPointer(rebasing: bytes[..<20]))
            return crc.checksum
        }
    }

    /// The first byte of a fragment's header, where it is not a block's number.
    enum Fragment {
        static let shortMainData: UInt8 = 255
        static let longMainData: UInt8 = 254
        static let origin: UInt8 = 253
        static let topLevelTransaction: UInt8 = 252
    }
}
