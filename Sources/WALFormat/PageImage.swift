/// A whole page inside a WAL record, without the unused hole in its middle, and compressed where
/// that was asked for and helps. PostgreSQL: `XLogRecordBlockImageHeader` and its bytes.
///
/// - Decompressed, `bytes` are the page before the hole and the page after it; with the hole they
///   make 8192.
/// - `holeOffset` and `holeLength` are both zero when there is no hole, else both positive.
/// - One that is compressed with what the lab does not read is for show only: a reader that does
///   not ask for it gets none.
public struct PageImage: Hashable, Sendable {
    /// Bytes of a page, PostgreSQL's `BLCKSZ`.
    public static let pageByteCount = 8192
    /// What a compressed image's record says besides: the hole's length, which cannot be told from
    /// the image's then.
    static let holeLengthByteCount = 2

    /// Where the hole begins in the page.
    public let holeOffset: Int
    /// Bytes left out, all zero in the page.
    public let holeLength: Int
    /// The page without its hole, compressed or not.
    public let bytes: [UInt8]
    /// Whether redo restores the page from this image (else it serves consistency checks only).
    public let appliesOnRedo: Bool
    /// How `bytes` are compressed; nil: they are not.
    public let compression: ImageCompression?

    /// Takes the image of a page of 8192 bytes, leaving out what lies between `pd_lower` and
    /// `pd_upper` when these make sense. PostgreSQL: `XLogRecordAssemble`.
    ///
    /// With `pglz` it is compressed if that makes the record shorter, and by a quarter at least.
    /// PostgreSQL: `XLogCompressBackupBlock`.
    public init(page: [UInt8], compressedWith method: ImageCompression? = nil) {
        precondition(page.count == Self.pageByteCount, "a page has 8192 bytes, not \(page.count)")
        let lower = Int(page.load(littleEndian: UInt16.self, at: 12))
        let upper = Int(page.load(littleEndian: UInt16.self, at: 14))
        let hasHole = lower >= 24 && upper > lower && upper <= Self.pageByteCount
        holeOffset = hasHole ? lower : 0
        holeLength = hasHole ? upper - lower : 0
        appliesOnRedo = true
        let plain = hasHole ? Array(page[..<lower] + page[upper...]) : page
        guard let method, let shorter = Self.compressed(plain, method, hasHole: hasHole) else {
            (bytes, compression) = (plain, nil)
            return
        }
        (bytes, compression) = (shorter, method)
    }

    private static func compressed(
        _ plain: [UInt8], _ method: ImageCompression, hasHole: Bool
    ) -> [UInt8]? {
        precondition(method.isReadable, "nothing is compressed with \(method.name) here")
        let extra = hasHole ? holeLengthByteCount : 0
        return PGLZ.compressed(plain).flatMap { $0.count + extra < plain.count ? $0 : nil }
    }

    /// The parts as a record holds them; `nil` when they do not make up a page. PostgreSQL:
    /// `DecodeXLogRecord`.
    init?(
        holeOffset: Int, holeLength: Int, bytes: [UInt8], appliesOnRedo: Bool,
        compression: ImageCompression?
    ) {
        let contentLength = Self.pageByteCount - holeLength
        guard (holeOffset > 0) == (holeLength > 0), (0...contentLength).contains(holeOffset),
            compression == nil
                ? bytes.count == contentLength : bytes.count < Self.pageByteCount
        else { return nil }
        self.holeOffset = holeOffset
        self.holeLength = holeLength
        self.bytes = bytes
        self.appliesOnRedo = appliesOnRedo
        self.compression = compression
    }

    /// The length of the page without its hole, as it is when it is not compressed.
    public var plainByteCount: Int { Self.pageByteCount - holeLength }

    /// The page of 8192 bytes, zeros where the hole was. PostgreSQL: `RestoreBlockImage`.
    public func restored() throws(PageImageError) -> [UInt8] {
        let content = try content()
        guard holeLength > 0 else { return content }
        var page: [UInt8] = []
        page.reserveCapacity(Self.pageByteCount)
        page.append(contentsOf: content[..<holeOffset])
        page.append(zeros: holeLength)
        page.append(contentsOf: content[holeOffset...])
        return page
    }

    private func content() throws(PageImageError) -> [UInt8] {
        guard let compression else { return bytes }
        switch compression {
        case .pglz:
            guard let content = PGLZ.decompressed(bytes, byteCount: plainByteCount) else {
                throw .malformed(.pglz)
            }
            return content
        case .lz4, .zstd: throw .unreadable(compression)
        }
    }
}
