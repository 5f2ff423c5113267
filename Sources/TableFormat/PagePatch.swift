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
        try Self.check(offset, bytes.count)
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
        var patches: [PagePatch] = []
        var next = 0
        while next < data.count {
            let (offset, place) = try find(in: data, at: &next)
            patches.append(PagePatch(offset: offset, checked: Array(data[place])))
        }
        return patches
    }

    /// Where in the page the patch that begins at `next` goes, and where in the data its bytes are,
    /// at least one; moves `next` behind them. Replay does this for every record, so nothing is
    /// copied.
    static func find(
        in data: [UInt8], at next: inout Int
    ) throws(PageError) -> (offset: Int, place: Range<Int>) {
        let rest = data.count - next
        guard rest >= headerByteCount else { throw .truncatedPatch(rest: rest) }
        let offset = Int(data.load(littleEndian: UInt16.self, at: next))
        let length = Int(data.load(littleEndian: UInt16.self, at: next + 2))
        guard rest - headerByteCount >= length else { throw .truncatedPatch(rest: rest) }
        try check(offset, length)
        let start = next + headerByteCount
        next = start + length
        return (offset, start..<next)
    }

    /// A patch has at least one byte and ends inside the page.
    private static func check(_ offset: Int, _ length: Int) throws(PageError) {
        guard (0..<HeapPage.byteCount).contains(offset), length > 0,
            length <= HeapPage.byteCount - offset
        else { throw .patchOutOfPage(offset: offset, byteCount: length) }
    }
}
