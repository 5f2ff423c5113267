/// How PostgreSQL on our machines writes integers: lowest byte first, at any alignment. Inlinable,
/// for every row takes dozens of these.
extension [UInt8] {
    /// Appends the integer's bytes, lowest first.
    @inlinable
    package mutating func append<Value: FixedWidthInteger>(littleEndian value: Value) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    /// Appends `count` zero bytes.
    package mutating func append(zeros count: Int) {
        // An array fills and copies as one block; a repeated element would go byte by byte.
        append(contentsOf: [UInt8](repeating: 0, count: count))
    }

    /// Overwrites the bytes at `offset` with the integer, lowest first.
    @inlinable
    package mutating func store<Value: FixedWidthInteger>(littleEndian value: Value, at offset: Int)
    {
        withUnsafeMutableBytes { bytes in
            precondition(offset >= 0 && bytes.count - offset >= MemoryLayout<Value>.size)
            bytes.storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self)
        }
    }

    /// Overwrites the bytes from `offset` on, as one block; `replaceSubrange` goes byte by byte.
    @inlinable
    package mutating func overwrite(at offset: Int, with bytes: ArraySlice<UInt8>) {
        precondition(offset >= 0 && count - offset >= bytes.count)
        withUnsafeMutableBytes { whole in
            let place = whole[offset..<offset + bytes.count]
            bytes.withUnsafeBytes {
                UnsafeMutableRawBufferPointer(rebasing: place).copyMemory(from: $0)
            }
        }
    }

    /// Overwrites the bytes in `range` with zeros.
    @inlinable
    package mutating func zero(_ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        withUnsafeMutableBytes { whole in
            let place = UnsafeMutableRawBufferPointer(rebasing: whole[range])
            place.initializeMemory(as: UInt8.self, repeating: 0)
        }
    }

    /// The integer whose lowest byte is at `offset`. The caller has checked that it lies inside.
    @inlinable
    package func load<Value: FixedWidthInteger & BitwiseCopyable>(
        littleEndian type: Value.Type, at offset: Int
    ) -> Value {
        withUnsafeBytes { bytes in
            precondition(offset >= 0 && bytes.count - offset >= MemoryLayout<Value>.size)
            return Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
        }
    }
}

/// Takes values from the front of bytes that somebody else wrote: `nil` means that they end too
/// early.
package struct ByteCursor {
    /// What has not been taken yet.
    package private(set) var rest: ArraySlice<UInt8>

    /// Starts at the first of `bytes`.
    package init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    /// The next integer, lowest byte first.
    package mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>(
        _ type: Value.Type
    ) -> Value? {
        guard rest.count >= MemoryLayout<Value>.size else { return nil }
        let value = rest.withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(as: type)) }
        rest.removeFirst(MemoryLayout<Value>.size)
        return value
    }

    /// The next `count` bytes.
    package mutating func bytes(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, rest.count >= count else { return nil }
        defer { rest.removeFirst(count) }
        return rest.prefix(count)
    }
}
