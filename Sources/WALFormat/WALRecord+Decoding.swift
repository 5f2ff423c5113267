/// Reading a record that somebody else wrote: every length is checked before it is believed.
/// PostgreSQL: `ValidXLogRecord` and `DecodeXLogRecord`.
extension WALRecord {
    /// Reads one whole record: exactly its bytes, without the padding behind it.
    ///
    /// Checks the lengths first, then the CRC, then the fragments.
    public init(decoding bytes: [UInt8]) throws(WALRecordError) {
        try self.init(decoding: bytes[...])
    }

    init(
        decoding bytes: ArraySlice<UInt8>, passesUnreadableImages: Bool = false
    ) throws(WALRecordError) {
        let header = try RecordHeader(bytes)
        let computed = Self.checksum(of: bytes)
        guard computed == header.checksum else {
            throw .checksumMismatch(stored: header.checksum, computed: computed)
        }
        guard ResourceManager.isValid(header.resourceManager) else {
            throw .unknownResourceManager(header.resourceManager)
        }
        self.init(
            xid: header.xid, previous: header.previous, resourceManager: header.resourceManager,
            info: header.info)
        var fragments = Fragments(
            of: bytes.dropFirst(Self.headerByteCount),
            passesUnreadableImages: passesUnreadableImages)
        let headers = try fragments.takeHeaders()
        blocks.reserveCapacity(headers.count)
        for header in headers {
            blocks.append(try fragments.takeContent(of: header))
        }
        mainData = try fragments.takeMainData()
    }
}

/// The fixed fields every record starts with.
struct RecordHeader {
    let length: UInt32
    let xid: TransactionID
    let previous: LSN
    let info: UInt8
    let resourceManager: UInt8
    let checksum: UInt32

    /// Reads the header of a record of which exactly all bytes are given.
    init(_ bytes: ArraySlice<UInt8>) throws(WALRecordError) {
        guard let header = RecordHeader(prefixOf: bytes) else {
            throw .lengthsDisagree(stated: 0, actual: bytes.count)
        }
        guard Self.isPossible(length: header.length) else {
            throw .lengthOutOfRange(header.length)
        }
        guard Int(header.length) == bytes.count else {
            throw .lengthsDisagree(stated: header.length, actual: bytes.count)
        }
        self = header
    }

    /// Takes the header's fields as they stand; `nil` when there are fewer than 24 bytes.
    init?(prefixOf bytes: ArraySlice<UInt8>) {
        var cursor = ByteCursor(bytes)
        guard let length = cursor.integer(UInt32.self), let xid = cursor.integer(UInt32.self),
            let previous = cursor.integer(UInt64.self), let info = cursor.integer(UInt8.self),
            let resourceManager = cursor.integer(UInt8.self), cursor.bytes(2) != nil,
            let checksum = cursor.integer(UInt32.self)
        else { return nil }
        self.length = length
        self.xid = TransactionID(xid)
        self.previous = LSN(previous)
        self.info = info
        self.resourceManager = resourceManager
        self.checksum = checksum
    }

    static func isPossible(length: UInt32) -> Bool {
        (UInt32(WALRecord.headerByteCount)...UInt32(WALRecord.maximumByteCount)).contains(length)
    }
}

/// The part of a record behind its header: first the headers of all fragments, then their content.
private struct Fragments {
    private var cursor: ByteCursor
    private let passesUnreadableImages: Bool
    private var mainDataLength = 0
    /// What the headers read so far say will follow them. It cannot overflow: 33 blocks of at most
    /// 128 KiB and one length of 32 bits.
    private var contentLength = 0

    init(of bytes: ArraySlice<UInt8>, passesUnreadableImages: Bool) {
        cursor = ByteCursor(bytes)
        self.passesUnreadableImages = passesUnreadableImages
    }

    /// Reads headers until the content they announce is all that is left.
    mutating func takeHeaders() throws(WALRecordError) -> [BlockHeader] {
        var headers: [BlockHeader] = []
        scan: while cursor.rest.count > contentLength {
            let fragment = try take(UInt8.self)
            switch fragment {
            case WALRecord.Fragment.shortMainData:
                mainDataLength = Int(try take(UInt8.self))
                break scan
            case WALRecord.Fragment.longMainData:
                mainDataLength = Int(try take(UInt32.self))
                break scan
            case WALRecord.Fragment.origin:
                _ = try take(UInt16.self)
            case WALRecord.Fragment.topLevelTransaction:
                _ = try take(UInt32.self)
            case 0..<UInt8(WALRecord.maximumBlockCount):
                let header = try BlockHeader(
                    number: fragment, after: headers.last, from: &cursor,
                    passesUnreadableImages: passesUnreadableImages)
                contentLength += header.contentLength
                headers.append(header)
            default:
                throw .unknownFragment(fragment)
            }
        }
        guard cursor.rest.count == contentLength + mainDataLength else {
            throw .fragmentsDisagree(rest: cursor.rest.count)
        }
        return headers
    }

    mutating func takeContent(of header: BlockHeader) throws(WALRecordError) -> BlockReference {
        var reference = BlockReference(
            relation: header.relation, block: header.block, fork: header.fork,
            willInitialize: header.willInitialize)
        if let image = header.image {
            reference.image = try image.taking(from: take(Int(image.length)), block: header.number)
        }
        reference.data = Array(try take(Int(header.dataLength)))
        return reference
    }

    mutating func takeMainData() throws(WALRecordError) -> [UInt8] {
        Array(try take(mainDataLength))
    }

    private mutating func take<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type
    ) throws(WALRecordError) -> Value {
        guard let value = cursor.integer(type) else {
            throw .fragmentsDisagree(rest: cursor.rest.count)
        }
        return value
    }

    private mutating func take(_ count: Int) throws(WALRecordError) -> ArraySlice<UInt8> {
        guard let bytes = cursor.bytes(count) else {
            throw .fragmentsDisagree(rest: cursor.rest.count)
        }
        return bytes
    }
}
