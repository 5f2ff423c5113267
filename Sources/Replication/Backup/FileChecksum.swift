import WALFormat
import WireProtocol

/// The checksum of one backed-up file, while its bytes go by. PostgreSQL: `pg_checksum_context`.
enum FileChecksum: Hashable {
    case none
    case crc32c(RunningCRC)
    case sha224(SHA2<UInt32>)
    case sha256(SHA2<UInt32>)
    case sha384(SHA2<UInt64>)
    case sha512(SHA2<UInt64>)

    /// A CRC that can be compared: its checksum is all it knows.
    struct RunningCRC: Hashable {
        var crc = CRC32C()

        static func == (left: RunningCRC, right: RunningCRC) -> Bool {
            left.crc.checksum == right.crc.checksum
        }

        func hash(into hasher: inout Hasher) { hasher.combine(crc.checksum) }
    }

    init(_ algorithm: BaseBackupOptions.ChecksumAlgorithm) {
        switch algorithm {
        case .none: self = .none
        case .crc32c: self = .crc32c(RunningCRC())
        case .sha224: self = .sha224(.sha224)
        case .sha256: self = .sha256(.sha256)
        case .sha384: self = .sha384(.sha384)
        case .sha512: self = .sha512(.sha512)
        }
    }

    mutating func update(_ bytes: [UInt8]) {
        switch self {
        case .none: break
        case .crc32c(var running):
            bytes.withUnsafeBytes { running.crc.update($0) }
            self = .crc32c(running)
        case .sha224(var digest):
            digest.update(bytes)
            self = .sha224(digest)
        case .sha256(var digest):
            digest.update(bytes)
            self = .sha256(digest)
        case .sha384(var digest):
            digest.update(bytes)
            self = .sha384(digest)
        case .sha512(var digest):
            digest.update(bytes)
            self = .sha512(digest)
        }
    }

    /// As a manifest names it, with its digest in hexadecimal; nil for none. The CRC's bytes come
    /// lowest first, as they lie in PostgreSQL's memory.
    var entry: (algorithm: String, digest: String)? {
        switch self {
        case .none: nil
        case .crc32c(let running):
            (
                "CRC32C",
                withUnsafeBytes(of: running.crc.checksum.littleEndian) { Hexadecimal.text(of: $0) }
            )
        case .sha224(let digest): ("SHA224", Hexadecimal.text(of: digest.digest))
        case .sha256(let digest): ("SHA256", Hexadecimal.text(of: digest.digest))
        case .sha384(let digest): ("SHA384", Hexadecimal.text(of: digest.digest))
        case .sha512(let digest): ("SHA512", Hexadecimal.text(of: digest.digest))
        }
    }
}

/// Two lower-case digits a byte.
enum Hexadecimal {
    private static let digits = Array("0123456789abcdef".utf8)

    static func text(of bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
