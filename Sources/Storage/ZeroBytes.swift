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

extension [UInt8] {
    /// The first index at which the arrays are not the same, their ends included.
    func firstDifference(from other: [UInt8]) -> Int? {
        let common = Swift.min(count, other.count)
        return withUnsafeBytes { mine in
            other.withUnsafeBytes { theirs in
                if let left = mine.baseAddress, let right = theirs.baseAddress,
                    memcmp(left, right, common) != 0
                {
                    return (0..<common).first { mine[$0] != theirs[$0] }
                }
                return count == other.count ? nil : common
            }
        }
    }
}
