/// How a block reference is written into a record: headers of all blocks first, contents later.
extension BlockReference {
    /// Appends the header; the relation only if it is not that of the block before.
    func appendHeader(number: UInt8, after before: BlockReference?, to bytes: inout [UInt8]) {
        precondition(fork <= BlockHeader.forkMask, "fork \(fork)")
        precondition(data.count <= Int(UInt16.max), "\(data.count) bytes of block data")
        bytes.append(number)
        var flags = fork
        if image != nil { flags |= BlockHeader.hasImage }
        if !data.isEmpty { flags |= BlockHeader.hasData }
        if willInitialize { flags |= BlockHeader.willInitialize }
        if relation == before?.relation { flags |= BlockHeader.sameRelation }
        bytes.append(flags)
        bytes.append(littleEndian: UInt16(data.count))
        if let image {
            bytes.append(littleEndian: UInt16(image.bytes.count))
            bytes.append(littleEndian: UInt16(image.holeOffset))
            bytes.append(ImageHeader.info(of: image))
            if image.compression != nil, image.holeLength > 0 {
                bytes.append(littleEndian: UInt16(image.holeLength))
            }
        }
        if relation != before?.relation {
            bytes.append(littleEndian: relation.tablespace)
            bytes.append(littleEndian: relation.database)
            bytes.append(littleEndian: relation.relfilenode)
        }
        bytes.append(littleEndian: block)
    }

    func appendContent(to bytes: inout [UInt8]) {
        if let image { bytes.append(contentsOf: image.bytes) }
        bytes.append(contentsOf: data)
    }
}

/// A block reference's header as read from a record.
struct BlockHeader {
    static let forkMask: UInt8 = 0x0F
    static let hasImage: UInt8 = 0x10
    static let hasData: UInt8 = 0x20
    static let willInitialize: UInt8 = 0x40
    static let sameRelation: UInt8 = 0x80

    let number: UInt8
    let fork: UInt8
    let willInitialize: Bool
    let dataLength: UInt16
    let image: ImageHeader?
    let relation: RelationLocator
    let block: UInt32

    var contentLength: Int { Int(dataLength) + Int(image?.length ?? 0) }

    /// Reads what follows the fragment's number. `before` is the block read before this one.
    init(
        number: UInt8, after before: BlockHeader?, from cursor: inout ByteCursor,
        passesUnreadableImages: Bool
    ) throws(WALRecordError) {
        if let before, before.number >= number { throw .blockOutOfOrder(number) }
        let rest = cursor.rest.count
        guard let flags = cursor.integer(UInt8.self), let dataLength = cursor.integer(UInt16.self)
        else { throw .fragmentsDisagree(rest: rest) }
        guard (flags & Self.hasData != 0) == (dataLength > 0) else {
            throw .blockDataFlagDisagrees(block: number, length: dataLength)
        }
        let hasImage = flags & Self.hasImage != 0
        let image = hasImage ? try ImageHeader(block: number, from: &cursor) : nil
        if let image, !passesUnreadableImages, image.compression?.isReadable == false {
            throw .unreadableImage(block: number, info: image.info)
        }
        self.image = image
        if flags & Self.sameRelation == 0 {
            guard let own = RelationLocator(from: &cursor) else {
                throw .fragmentsDisagree(rest: rest)
            }
            relation = own
        } else {
            guard let before else { throw .noPreviousRelation(block: number) }
            relation = before.relation
        }
        guard let block = cursor.integer(UInt32.self) else {
            throw .fragmentsDisagree(rest: rest)
        }
        self.number = number
        self.fork = flags & Self.forkMask
        self.willInitialize = flags & Self.willInitialize != 0
        self.dataLength = dataLength
        self.block = block
    }
}

/// The fields that precede a full-page image. PostgreSQL: `XLogRecordBlockImageHeader`, and
/// `XLogRecordBlockCompressHeader` of one that is compressed and has a hole.
struct ImageHeader {
    private static let hasHole: UInt8 = 0x01
    private static let applies: UInt8 = 0x02
    private static let compressed = ImageCompression.allCases.reduce(0) { $0 | $1.rawValue }

    let length: UInt16
    let holeOffset: UInt16
    let holeLength: UInt16
    let info: UInt8
    let compression: ImageCompression?

    /// The byte that says what an image is like.
    static func info(of image: PageImage) -> UInt8 {
        (image.holeLength > 0 ? hasHole : 0) | (image.appliesOnRedo ? applies : 0)
            | (image.compression?.rawValue ?? 0)
    }

    init(block: UInt8, from cursor: inout ByteCursor) throws(WALRecordError) {
        let rest = cursor.rest.count
        guard let length = cursor.integer(UInt16.self),
            let holeOffset = cursor.integer(UInt16.self), let info = cursor.integer(UInt8.self)
        else { throw .fragmentsDisagree(rest: rest) }
        self.length = length
        self.holeOffset = holeOffset
        self.info = info
        let impossible = WALRecordError.impossibleImage(
            block: block, length: length, holeOffset: holeOffset, info: info)
        let methods = info & Self.compressed
        compression = ImageCompression(rawValue: methods)
        guard methods == 0 || compression != nil else { throw impossible }
        let hasHole = info & Self.hasHole != 0
        if compression == nil {
            guard hasHole == (length < PageImage.pageByteCount),
                length <= PageImage.pageByteCount
            else { throw impossible }
            holeLength = UInt16(PageImage.pageByteCount) - length
        } else if hasHole {
            guard let stated = cursor.integer(UInt16.self) else {
                throw .fragmentsDisagree(rest: rest)
            }
            guard stated > 0, stated <= PageImage.pageByteCount else { throw impossible }
            holeLength = stated
        } else {
            holeLength = 0
        }
    }

    /// The image whose bytes are `bytes`.
    func taking(from bytes: ArraySlice<UInt8>, block: UInt8) throws(WALRecordError) -> PageImage {
        guard
            let image = PageImage(
                holeOffset: Int(holeOffset), holeLength: Int(holeLength), bytes: Array(bytes),
                appliesOnRedo: info & Self.applies != 0, compression: compression)
        else {
            throw .impossibleImage(block: block, length: length, holeOffset: holeOffset, info: info)
        }
        return image
    }
}

extension RelationLocator {
    /// Reads the twelve bytes of a `RelFileNode`.
    fileprivate init?(from cursor: inout ByteCursor) {
        guard let tablespace = cursor.integer(UInt32.self),
            let database = cursor.integer(UInt32.self),
            let relfilenode = cursor.integer(UInt32.self)
        else { return nil }
        self.init(tablespace: tablespace, database: database, relfilenode: relfilenode)
    }
}
