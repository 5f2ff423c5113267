/// The checksum of every WAL record: CRC-32 with Castagnoli's polynomial. PostgreSQL: `pg_crc32c`.
///
/// One byte at a time is a shift and a table look-up that each wait for the one before. Here
/// sixteen tables hold what a byte contributes after 0 to 15 further zero bytes, so that sixteen
/// bytes cost sixteen independent look-ups ("slicing by 16").
public struct CRC32C: Sendable {
    private var state: UInt32 = .max

    /// The checksum of no bytes.
    public init() {}

    /// What the bytes seen so far add up to.
    public var checksum: UInt32 { ~state }

    /// Takes further bytes into account.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        state = Self.tables.withUnsafeBufferPointer { tables in
            var crc = state
            var offset = 0
            while bytes.count &- offset >= 16 {
                let low = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                let high = bytes.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self)
                crc =
                    Self.contribution(UInt64(littleEndian: low) ^ UInt64(crc), tables, zeros: 8)
                    ^ Self.contribution(UInt64(littleEndian: high), tables, zeros: 0)
                offset &+= 16
            }
            while offset < bytes.count {
                let index = Int(UInt8(truncatingIfNeeded: crc) ^ bytes[offset])
                crc = tables[index] ^ (crc >> 8)
                offset &+= 1
            }
            return crc
        }
    }

    /// The checksum of `bytes` alone.
    public static func checksum(of bytes: [UInt8]) -> UInt32 {
        var crc = CRC32C()
        bytes.withUnsafeBytes { crc.update($0) }
        return crc.checksum
    }

    /// A checksum as text files have it: eight hexadecimal digits.
    public static func digits(_ checksum: UInt32) -> String {
        let digits = String(checksum, radix: 16)
        return String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }

    /// What eight bytes contribute with `zeros` bytes behind them; the lowest byte comes first, and
    /// so has seven more behind it.
    @inline(__always)
    private static func contribution(
        _ word: UInt64, _ tables: UnsafeBufferPointer<UInt32>, zeros: Int
    ) -> UInt32 {
        let low = UInt32(truncatingIfNeeded: word)
        let high = UInt32(truncatingIfNeeded: word &>> 32)
        return tables[(zeros &+ 7) &<< 8 | Int(low & 0xFF)]
            ^ tables[(zeros &+ 6) &<< 8 | Int(low &>> 8 & 0xFF)]
            ^ tables[(zeros &+ 5) &<< 8 | Int(low &>> 16 & 0xFF)]
            ^ tables[(zeros &+ 4) &<< 8 | Int(low &>> 24)]
            ^ tables[(zeros &+ 3) &<< 8 | Int(high & 0xFF)]
            ^ tables[(zeros &+ 2) &<< 8 | Int(high &>> 8 & 0xFF)]
            ^ tables[(zeros &+ 1) &<< 8 | Int(high &>> 16 & 0xFF)]
            ^ tables[zeros &<< 8 | Int(high &>> 24)]
    }

    /// Table `t` at `t * 256`: the contribution of each byte value with `t` zero bytes behind it.
    private static let tables: [UInt32] = {
        var tables = (0..<256).map { (value: UInt32) in
            (0..<8).reduce(value) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
        }
        for index in 256..<16 * 256 {
            let shorter = tables[index - 256]
            tables.append(tables[Int(shorter & 0xFF)] ^ (shorter >> 8))
        }
        return tables
    }()
}
