internal import Glibc

/// Most of a segment is zeros, and recovery looks at all of them: a page at a time, then, not a
/// byte.
extension ArraySlice<UInt8> {
    /// Whether there is nothing but zeros.
    var isAllZero: Bool {
        withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, bytes.count > 0 else { return true }
            // All equal to their neighbour, and the first is zero.
            return bytes[0] == 0 && memcmp(base, base + 1, bytes.count - 1) == 0
        }
    }

    /// The bytes without pages of zeros at their end.
    var droppingZeroPages: ArraySlice<UInt8> {
        var end = endIndex
        while end > startIndex {
            let start = Swift.max(startIndex, end - 8192)
            guard self[start..<end].isAllZero else { break }
            end = start
        }
        return self[..<end]
    }
}
