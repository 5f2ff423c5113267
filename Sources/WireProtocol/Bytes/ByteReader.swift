/// Reads the big-endian fields of one message's payload.
///
/// Every read checks what is left, so a peer's bytes can be wrong but never out of bounds.
/// PostgreSQL: `pqformat.c`, whose three complaints are `Malformation`'s.
struct ByteReader {
    private let bytes: ArraySlice<UInt8>
    private var index: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        self.index = bytes.startIndex
    }

    var remaining: Int { bytes.endIndex - index }

    mutating func integer<T: FixedWidthInteger>(_: T.Type = T.self) throws(Malformation) -> T {
        let width = T.bitWidth / 8
        guard remaining >= width else { throw .insufficientData }
        var value: T = 0
        for byte in bytes[index..<index + width] {
            value = (value << 8) | T(truncatingIfNeeded: byte)
        }
        index += width
        return value
    }

    /// The bytes before the next NUL; the NUL is consumed.
    mutating func cStringBytes() throws(Malformation) -> ArraySlice<UInt8> {
        guard let end = bytes[index...].firstIndex(of: 0) else { throw .missingTerminator }
        defer { index = end + 1 }
        return bytes[index..<end]
    }

    mutating func cString() throws(Malformation) -> String {
        let raw = try cStringBytes()
        guard let text = String(validating: raw, as: UTF8.self) else {
            throw .invalidText(Self.firstInvalidSequence(of: raw))
        }
        return text
    }

    mutating func bytes(_ count: Int) throws(Malformation) -> [UInt8] {
        guard count >= 0, remaining >= count else { throw .insufficientData }
        defer { index += count }
        return Array(bytes[index..<index + count])
    }

    /// `Int32` length, then that many bytes; -1 is NULL.
    mutating func nullableBytes() throws(Malformation) -> [UInt8]? {
        let length = try integer(Int32.self)
        return length == -1 ? nil : try bytes(Int(length))
    }

    mutating func rest() -> [UInt8] { Array(remainder()) }

    /// The same as a part of the message, not copied.
    mutating func remainder() -> ArraySlice<UInt8> {
        defer { index = bytes.endIndex }
        return bytes[index...]
    }

    func end() throws(Malformation) {
        guard remaining == 0 else { throw .trailingBytes(remaining) }
    }

    /// The bytes PostgreSQL would name: as many as the first wrong one announces.
    private static func firstInvalidSequence(of raw: ArraySlice<UInt8>) -> [UInt8] {
        var rest = raw.makeIterator()
        var offset = raw.startIndex
        var decoder = UTF8()
        while case .scalarValue(let scalar) = decoder.decode(&rest) {
            offset += UTF8.width(scalar)
        }
        let bad = raw[offset...]
        let announced = bad.first.map { (~$0).leadingZeroBitCount } ?? 0
        return Array(bad.prefix((2...4).contains(announced) ? announced : 1))
    }
}
