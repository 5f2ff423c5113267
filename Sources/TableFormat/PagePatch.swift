import WALFormat

/// "At offset 2048 these 73 bytes": one stretch of a page that a Generic record changes.
/// PostgreSQL: `generic_xlog.c`; in the record u16 offset, u16 length, the bytes.
public struct PagePatch: Hashable, Sendable {
    /// Bytes in front of a patch's own in a record.
    static let headerByteCount = 4

    /// Where in the page the bytes go.
    public let offset: Int
    /// What the page holds there afterwards.
    public let bytes: [UInt8]

    /// A patch of at least one byte that must end inside the page.
    public init(offset: Int, bytes: [UInt8]) throws(PageError) {
        guard (0..<HeapPage.byteCount).contains(offset), !bytes.isEmpty,
            bytes.count <= HeapPage.byteCount - offset
        else { throw .patchOutOfPage(offset: offset, byteCount: bytes.count) }
        self.init(offset: offset, checked: bytes)
    }

    init(offset: Int, checked bytes: [UInt8]) {
        self.offset = offset
        self.bytes = bytes
    }

    /// The patches as the data of a block reference.
    public static func encode(_ patches: [PagePatch]) -> [UInt8] {
        var data: [UInt8] = []
        data.reserveCapacity(patches.reduce(0) { $0 + headerByteCount + $1.bytes.count })
        for patch in patches {
            data.append(littleEndian: UInt16(patch.offset))
            data.append(littleEndian: UInt16(patch.bytes.count))
            data.append(contentsOf: patch.bytes)
        }
        return data
    }

    /// Reads the data of a block reference.
    public static func decode(_ data: [UInt8]) throws(PageError) -> [PagePatch] {
        var cursor = ByteCursor(data[...])
        var patches: [PagePatch] = []
        while !cursor.rest.isEmpty {
            let rest = cursor.rest.count
            guard let offset = cursor.integer(UInt16.self),
                let length = cursor.integer(UInt16.self), let bytes = cursor.bytes(Int(length))
            else { throw .truncatedPatch(rest: rest) }
            patches.append(try PagePatch(offset: Int(offset), bytes: Array(bytes)))
        }
        return patches
    }
}
