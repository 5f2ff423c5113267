internal import Glibc
internal import WALFormat

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

}

extension [UInt8] {
    /// What the pages of log hold that begin at `start`, a page boundary; an incomplete one at the
    /// end is left out.
    func pages(at start: LSN, _ segmentSize: SegmentSize) -> [WALPageUse] {
        stride(from: 0, to: count - 8191, by: 8192).map { offset in
            let page = self[offset..<offset + 8192]
            return page.isAllZero
                ? .empty : WALPageUse(page, at: start.advanced(by: offset), segmentSize)
        }
    }

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
