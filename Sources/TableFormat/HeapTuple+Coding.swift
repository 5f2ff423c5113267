import WALFormat

/// A tuple's bytes.
extension HeapTuple {
    /// The tuple's bytes, without the padding to a multiple of 8.
    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(
            Self.byteCount(keyByteCount: key.count, valueByteCount: value.count))
        bytes.append(littleEndian: xmin.rawValue)
        bytes.append(littleEndian: xmax.rawValue)
        bytes.append(littleEndian: UInt32(0))
        bytes.append(littleEndian: UInt16(block >> 16))
        bytes.append(littleEndian: UInt16(block & 0xFFFF))
        bytes.append(littleEndian: item)
        bytes.append(littleEndian: infomask2)
        bytes.append(littleEndian: infomask)
        bytes.append(contentsOf: [UInt8(Self.headerByteCount), 0])
        Varlena.append(key, to: &bytes)
        Varlena.append(value, to: &bytes)
        return bytes
    }

    /// Reads a tuple of two texts; any other bytes are `malformed`. Bytes behind the second text
    /// are not looked at.
    public init(decoding bytes: [UInt8]) throws(TupleError) {
        self.init(bytes, at: try TupleLayout(of: bytes, at: bytes.indices))
    }

    init(_ bytes: [UInt8], at layout: TupleLayout) {
        xmin = layout.xmin
        xmax = layout.xmax
        infomask = layout.infomask
        let start = layout.start
        func half(_ offset: Int) -> UInt16 {
            bytes.load(littleEndian: UInt16.self, at: start + offset)
        }
        infomask2 = half(18)
        block = UInt32(half(12)) << 16 | UInt32(half(14))
        item = half(16)
        key = Array(bytes[layout.key])
        value = Array(bytes[layout.value])
    }
}
