import WALFormat

/// A text value inside a tuple: its length, then its bytes. PostgreSQL: `varlena`, `varatt.h`.
///
/// - Short: one byte (n + 1) << 1 | 1, at any offset, for at most 126 bytes.
/// - Long: four bytes (n + 4) << 2, at a multiple of 4 from the tuple's start.
/// - The lowest bit of the first byte tells them apart. A zero there is padding before a long one.
enum Varlena {
    static let maximumShortByteCount = 126
    static let longHeaderByteCount = 4

    /// Where a value that would be written at `offset` ends.
    static func end(byteCount: Int, at offset: Int) -> Int {
        byteCount <= maximumShortByteCount
            ? offset + 1 + byteCount : aligned(offset) + longHeaderByteCount + byteCount
    }

    /// `offset` rounded up to a multiple of 4.
    static func aligned(_ offset: Int) -> Int {
        (offset + 3) & ~3
    }

    /// Appends a value to a tuple; `bytes` begins with the tuple's header.
    static func append(_ value: [UInt8], to bytes: inout [UInt8]) {
        if value.count <= maximumShortByteCount {
            bytes.append(UInt8(value.count + 1) << 1 | 1)
        } else {
            bytes.append(zeros: aligned(bytes.count) - bytes.count)
            bytes.append(littleEndian: UInt32(value.count + longHeaderByteCount) << 2)
        }
        bytes.append(contentsOf: value)
    }

    /// Where the bytes of the value lie that begins at `offset`, which moves past it; `nil` if
    /// there is none that we can read: cut off, compressed, out of line.
    /// - Parameter tuple: where the tuple lies in the bytes; what is aligned counts from there.
    static func place(
        in bytes: [UInt8], tuple: Range<Int>, at offset: inout Int
    ) -> Range<Int>? {
        guard offset < tuple.upperBound else { return nil }
        let first = bytes[offset]
        let start: Int
        let end: Int
        if first & 1 == 1 {
            guard first != 1 else { return nil }
            start = offset + 1
            end = offset + Int(first >> 1)
        } else {
            let header = tuple.lowerBound + aligned(offset - tuple.lowerBound)
            guard header == offset || first == 0,
                tuple.upperBound - header >= longHeaderByteCount
            else { return nil }
            let word = bytes.load(littleEndian: UInt32.self, at: header)
            guard word & 3 == 0, word >> 2 >= longHeaderByteCount else { return nil }
            start = header + longHeaderByteCount
            end = header + Int(word >> 2)
        }
        guard end <= tuple.upperBound else { return nil }
        offset = end
        return start..<end
    }
}
