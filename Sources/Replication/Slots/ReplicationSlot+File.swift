import WALFormat
import WireProtocol

/// Why bytes are not the file of a physical slot. PostgreSQL: the PANICs of
/// `RestoreSlotFromDisk`.
public enum SlotFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file has this many bytes instead of 200.
    case byteCount(Int)
    /// It does not begin with the mark of a slot file.
    case magic(UInt32)
    /// A layout of another PostgreSQL than 15.
    case version(UInt32)
    /// It says that its content has another length than 184.
    case length(UInt32)
    /// The content was damaged.
    case checksum(stored: UInt32, computed: UInt32)
    /// A slot of logical replication, in this database.
    case logical(database: UInt32)
    /// A slot that should not have outlived its connection.
    case notPersistent
    /// A name that no slot may have.
    case name([UInt8])

    /// One clause, whose subject is the file.
    public var description: String {
        switch self {
        case .byteCount(let count): "it has \(count) bytes instead of 200"
        case .magic: "it does not begin as a slot's file does"
        case .version(let version): "it has layout \(version), and PostgreSQL 15's is 2"
        case .length(let length): "it says that its content has \(length) bytes"
        case .checksum(let stored, let computed): "checksum \(stored) stored, \(computed) computed"
        case .logical: "it is a slot of logical replication"
        case .notPersistent: "it is a slot that was not to outlive its connection"
        case .name: "it is another slot's"
        }
    }
}

/// The file `pg_replslot/NAME/state`, PostgreSQL 15's own layout, little-endian:
///
///     0 u32 magic 1051CA1   4 u32 CRC-32C of 8..<200   8 u32 version 2   12 u32 length 184
///     16 name, 64 bytes     80 u32 database 0          84 u32 persistency 0
///     88 u32 xmin           92 u32 catalog xmin 0      96 u64 restart LSN
///     104 u64 invalidated at   112 u64 confirmed flush 0   120 u64 two-phase at 0
///     128 bool two-phase 0     129 plugin, 64 bytes     193 padding to 200
extension ReplicationSlot {
    private static let magic: UInt32 = 0x0105_1CA1
    private static let version: UInt32 = 2
    private static let fileByteCount = 200
    private static let checksummed = 8..<fileByteCount
    private static let nameByteCount = 64

    /// The file's path in the data directory. Write it beside, sync, rename, sync the directory.
    public var path: String { Self.path(of: name) }

    /// Where the slot of this name is kept.
    public static func path(of name: String) -> String { "pg_replslot/\(name)/state" }

    /// The file's 200 bytes.
    public func encoded() -> [UInt8] {
        var file: [UInt8] = []
        file.append(littleEndian: Self.magic)
        file.append(littleEndian: UInt32(0))
        file.append(littleEndian: Self.version)
        file.append(littleEndian: UInt32(Self.fileByteCount - 16))
        file += name.utf8
        file.append(zeros: 88 - file.count)
        file.append(littleEndian: (xmin ?? .invalid).rawValue)
        file.append(zeros: 96 - file.count)
        file.append(littleEndian: (restartLSN ?? .invalid).rawValue)
        file.append(littleEndian: (invalidatedAt ?? .invalid).rawValue)
        file.append(zeros: Self.fileByteCount - file.count)
        file.store(littleEndian: Self.checksum(of: file), at: 4)
        return file
    }

    /// Reads a file back.
    public init(decoding file: [UInt8]) throws(SlotFileError) {
        guard file.count == Self.fileByteCount else { throw .byteCount(file.count) }
        let magic = file.load(littleEndian: UInt32.self, at: 0)
        guard magic == Self.magic else { throw .magic(magic) }
        let version = file.load(littleEndian: UInt32.self, at: 8)
        guard version == Self.version else { throw .version(version) }
        let length = file.load(littleEndian: UInt32.self, at: 12)
        guard length == Self.fileByteCount - 16 else { throw .length(length) }
        let stored = file.load(littleEndian: UInt32.self, at: 4)
        let computed = Self.checksum(of: file)
        guard stored == computed else { throw .checksum(stored: stored, computed: computed) }
        let database = file.load(littleEndian: UInt32.self, at: 80)
        guard database == 0 else { throw .logical(database: database) }
        guard file.load(littleEndian: UInt32.self, at: 84) == 0 else { throw .notPersistent }
        let xmin = TransactionID(file.load(littleEndian: UInt32.self, at: 88))
        self.init(
            name: try Self.name(in: file[16..<16 + Self.nameByteCount]),
            restartLSN: Self.position(file.load(littleEndian: UInt64.self, at: 96)),
            invalidatedAt: Self.position(file.load(littleEndian: UInt64.self, at: 104)),
            xmin: xmin == .invalid ? nil : xmin)
    }

    private static func name(in field: ArraySlice<UInt8>) throws(SlotFileError) -> String {
        let bytes = Array(field.prefix { $0 != 0 })
        let name = String(decoding: bytes, as: UTF8.self)
        guard SlotName.error(in: name) == nil else { throw .name(bytes) }
        return name
    }

    private static func position(_ raw: UInt64) -> LSN? { raw == 0 ? nil : LSN(raw) }

    private static func checksum(of file: [UInt8]) -> UInt32 {
        CRC32C.checksum(of: Array(file[checksummed]))
    }
}
