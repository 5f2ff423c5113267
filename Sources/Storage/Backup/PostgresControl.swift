internal import WALFormat

/// The few bytes of a PostgreSQL 15's `global/pg_control` that a base backup of a standby needs
/// changed. PostgreSQL: `ControlFileData`, of which such a backup holds the standby's own.
///
/// Little-endian: state at 16, minimum recovery LSN at 136 and its timeline at 144, CRC-32C of all
/// before it at 288.
enum PostgresControl {
    static let path = "global/pg_control"
    private static let checksumOffset = 288
    /// DB_IN_ARCHIVE_RECOVERY
    private static let inArchiveRecovery: UInt32 = 5

    /// Says that the directory is consistent when replay has reached a position.
    /// - Throws: `.damagedFile` for a file of another layout.
    static func setMinimumRecovery(
        _ position: LSN, _ timeline: Timeline, on fileSystem: any FileSystem
    ) throws(OpenFailure) {
        var bytes = try opening { () throws(IOFailure) in try fileSystem.contents(of: path) }
        guard bytes.count > checksumOffset + 4,
            bytes.load(littleEndian: UInt32.self, at: checksumOffset) == checksum(of: bytes)
        else { throw .damagedFile(path: path, reason: "its checksum disagrees") }
        bytes.store(littleEndian: inArchiveRecovery, at: 16)
        bytes.store(littleEndian: position.rawValue, at: 136)
        bytes.store(littleEndian: timeline.rawValue, at: 144)
        bytes.store(littleEndian: checksum(of: bytes), at: checksumOffset)
        try opening { () throws(IOFailure) in try fileSystem.replace(path, with: bytes) }
    }

    private static func checksum(of bytes: [UInt8]) -> UInt32 {
        CRC32C.checksum(of: Array(bytes[..<checksumOffset]))
    }
}
