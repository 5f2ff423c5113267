/// Builds one message: type byte, length filled in at the end, big-endian fields.
struct FrameWriter {
    private var bytes: [UInt8] = []
    private let lengthOffset: Int

    /// A message with a type byte, or (`nil`) one of the untyped first packets.
    init(_ type: UInt8?, capacity: Int = 64) {
        bytes.reserveCapacity(capacity + 5)
        if let type { bytes.append(type) }
        lengthOffset = bytes.count
        bytes.append(contentsOf: [0, 0, 0, 0])
    }

    mutating func integer<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// The text up to its first NUL, so that no text can smuggle in a field of its own.
    mutating func cString(_ text: String) {
        bytes.append(contentsOf: text.utf8.prefix { $0 != 0 })
        bytes.append(0)
    }

    mutating func raw(_ more: some Collection<UInt8>) {
        bytes.append(contentsOf: more)
    }

    mutating func nullableBytes(_ value: [UInt8]?) {
        guard let value else { return integer(Int32(-1)) }
        integer(Int32(clamping: value.count))
        raw(value)
    }

    /// The finished message; so many bytes of it are yet to follow.
    consuming func finished(before rest: Int = 0) -> [UInt8] {
        let length = UInt32(clamping: bytes.count - lengthOffset + rest)
        for place in 0..<4 {
            bytes[lengthOffset + place] = UInt8(truncatingIfNeeded: length >> (24 - 8 * place))
        }
        return bytes
    }
}
