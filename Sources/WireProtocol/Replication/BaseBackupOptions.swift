/// What a client asks of BASE_BACKUP, PostgreSQL 15's parenthesised list.
public struct BaseBackupOptions: Hashable, Sendable {
    /// Whether a manifest is sent. PostgreSQL's default is no.
    public enum Manifest: String, Hashable, Sendable, CaseIterable {
        /// No manifest.
        case no
        /// A manifest.
        case yes
        /// A manifest with every name in hex, for tests.
        case forceEncode = "force-encode"
    }

    /// The algorithm of the manifest's checksums.
    public enum ChecksumAlgorithm: String, Hashable, Sendable, CaseIterable {
        /// No checksums.
        case none = "NONE"
        /// PostgreSQL's default.
        case crc32c = "CRC32C"
        /// SHA-2 of 224 bits.
        case sha224 = "SHA224"
        /// SHA-2 of 256 bits.
        case sha256 = "SHA256"
        /// SHA-2 of 384 bits.
        case sha384 = "SHA384"
        /// SHA-2 of 512 bits.
        case sha512 = "SHA512"
    }

    /// What `backup_label` will say.
    public var label: String = "base backup"
    /// Send progress messages.
    public var progress = false
    /// Checkpoint at once instead of spreading it.
    public var fastCheckpoint = false
    /// Include the WAL the backup needs.
    public var includesWAL = false
    /// Wait for archiving at the end.
    public var wait = true
    /// Bytes a second, in kB, or no limit.
    public var maximumRate: Int?
    /// Include `tablespace_map`.
    public var tablespaceMap = false
    /// Verify page checksums while reading.
    public var verifyChecksums = true
    /// Whether a manifest is sent.
    public var manifest: Manifest = .no
    /// The algorithm of its checksums; `nil` when the client did not say.
    public var manifestChecksums: ChecksumAlgorithm?
    /// Where the backup goes: `client`, `server`, `blackhole`.
    public var target: String = "client"
    /// The directory of target `server`.
    public var targetDetail: String?
    /// `gzip`, `lz4`, `zstd`, or none.
    public var compression: String?
    /// Its level and such.
    public var compressionDetail: String?

    /// PostgreSQL's defaults.
    public init() {}
}
