/// How a full-page image is compressed in its record. PostgreSQL: `BKPIMAGE_COMPRESS_PGLZ` and its
/// like.
public enum ImageCompression: UInt8, CaseIterable, Hashable, Sendable {
    /// The only one that the lab writes and reads.
    case pglz = 0x04
    case lz4 = 0x08
    case zstd = 0x10

    /// Its name, as `wal_compression` and `pg_waldump` have it.
    public var name: String {
        switch self {
        case .pglz: "pglz"
        case .lz4: "lz4"
        case .zstd: "zstd"
        }
    }

    /// Whether an image can be read that is compressed so.
    var isReadable: Bool {
        switch self {
        case .pglz: true
        case .lz4, .zstd: false
        }
    }
}

/// Why there is no page to be had from an image.
public enum PageImageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// It is compressed in a way that the lab does not read.
    case unreadable(ImageCompression)
    /// Decompressed it is not the page that it should be.
    case malformed(ImageCompression)

    /// One line.
    public var description: String {
        switch self {
        case .unreadable(let method): "its image is compressed with \(method.name)"
        case .malformed(let method): "its image cannot be decompressed with \(method.name)"
        }
    }
}
