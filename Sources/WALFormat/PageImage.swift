/// A whole page inside a WAL record, without the unused hole in its middle. PostgreSQL:
/// `XLogRecordBlockImageHeader` and its bytes. Compressed images (`wal_compression`) are not made,
/// and read for show only: their bytes stay as they are.
///
/// - `bytes` are the page before the hole and the page after it; with the hole they make 8192.
/// - `holeOffset` and `holeLength` are both zero when there is no hole, else both positive.
public struct PageImage: Hashable, Sendable {
    /// Bytes of a page, PostgreSQL's `BLCKSZ`.
    public static let pageByteCount = 8192

    /// Where the hole begins in the page.
    public let holeOffset: Int
    /// The page without its hole.
    public let bytes: [UInt8]
    /// Whether redo restores the page from this image (else it serves consistency checks only).
    public let appliesOnRedo: Bool
    /// Whether `bytes` are compressed. Only a reader that asks for it gives such images.
    public let isCompressed: Bool

    /// Bytes left out, all zero in the page.
    public var holeLength: Int { Self.pageByteCount - bytes.count }

    /// Takes the image of a page of 8192 bytes, leaving out what lies between `pd_lower` and
    /// `pd_upper` when these make sense. PostgreSQL: `XLogRecordAssemble`.
    public init(page: [UInt8]) {
        precondition(page.count == Self.pageByteCount, "a page has 8192 bytes, not \(page.count)")
        let lower = Int(page.load(littleEndian: UInt16.self, at: 12))
        let upper = Int(page.load(littleEndian: UInt16.self, at: 14))
        let hasHole = lower >= 24 && upper > lower && upper <= Self.pageByteCount
        holeOffset = hasHole ? lower : 0
        bytes = hasHole ? Array(page[..<lower] + page[upper...]) : page
        appliesOnRedo = true
        isCompressed = false
    }

    /// The parts as a record holds them; `nil` when they do not make up a page.
    init?(holeOffset: Int, bytes: [UInt8], appliesOnRedo: Bool, isCompressed: Bool) {
        let hasHole = bytes.count < Self.pageByteCount
        guard bytes.count <= Self.pageByteCount else { return nil }
        guard isCompressed || (hasHole == (holeOffset > 0) && holeOffset <= bytes.count) else {
            return nil
        }
        self.isCompressed = isCompressed
        self.holeOffset = holeOffset
        self.bytes = bytes
        self.appliesOnRedo = appliesOnRedo
    }

    /// The page of 8192 bytes, zeros where the hole was. PostgreSQL: `RestoreBlockImage`.
    public func restored() -> [UInt8] {
        precondition(!isCompressed, "a compressed image is for show only")
        var page: [UInt8] = []
        page.reserveCapacity(Self.pageByteCount)
        page.append(contentsOf: bytes[..<holeOffset])
        page.append(zeros: holeLength)
        page.append(contentsOf: bytes[holeOffset...])
        return page
    }
}
