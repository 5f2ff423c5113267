import WALFormat

/// The difference between two states of a page. PostgreSQL: `computeDelta`.
extension HeapPage {
    /// The patches that turn `old` into `new`, few and small: stretches less than a patch's header
    /// apart are one.
    ///
    /// - The LSN and the checksum are left out: redo sets them itself.
    /// - Nothing of the new hole is in them, and the old hole counts as zeros whatever it holds:
    ///   redo clears the hole after every change, so on every replica it does hold zeros.
    public static func patches(from old: HeapPage, to new: HeapPage) -> [PagePatch] {
        let old = old.withZeros(outsideHoleOf: new)
        var ranges: [Range<Int>] = []
        old.bytes.withUnsafeBytes { before in
            new.bytes.withUnsafeBytes { after in
                collect(Field.flags..<max(Field.flags, new.lower), before, after, &ranges)
                collect(new.upper..<byteCount, before, after, &ranges)
            }
        }
        return ranges.map { PagePatch(offset: $0.lowerBound, checked: Array(new.bytes[$0])) }
    }

    /// This page, with zeros wherever its hole is not the other's too. It is seldom changed, hence
    /// seldom copied, for that.
    private func withZeros(outsideHoleOf new: HeapPage) -> HeapPage {
        guard lower < upper, upper <= Self.byteCount else { return self }
        let hole = lower..<upper
        let used = [Field.flags..<max(Field.flags, new.lower), new.upper..<Self.byteCount]
        let isClear = bytes.withUnsafeBytes { bytes in
            used.allSatisfy { bytes[hole.clamped(to: $0)].allSatisfy { $0 == 0 } }
        }
        guard !isClear else { return self }
        var clear = self
        clear.zeroHole()
        return clear
    }

    /// Appends the stretches inside `region` that differ.
    private static func collect(
        _ region: Range<Int>, _ before: UnsafeRawBufferPointer, _ after: UnsafeRawBufferPointer,
        _ ranges: inout [Range<Int>]
    ) {
        let firstOwn = ranges.count
        var offset = region.lowerBound
        while offset < region.upperBound {
            // Most of a page is as it was: 64 bytes in one stroke.
            if region.upperBound - offset >= 64,
                !any(
                    before.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt32>.self)
                        .!= after.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt32>.self))
            {
                offset += 64
                continue
            }
            if region.upperBound - offset >= 8,
                before.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                    == after.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            {
                offset += 8
                continue
            }
            if before[offset] != after[offset] {
                if ranges.count > firstOwn, let last = ranges.last,
                    offset - last.upperBound <= PagePatch.headerByteCount
                {
                    ranges[ranges.count - 1] = last.lowerBound..<offset + 1
                } else {
                    ranges.append(offset..<offset + 1)
                }
            }
            offset += 1
        }
    }

    /// Copies patches onto the page, as the data of a block reference holds them. If they are not
    /// whole, or what comes out is no page, throws and changes nothing.
    public mutating func apply(encoded patches: [UInt8]) throws(PageError) {
        var patched = self
        var next = 0
        while next < patches.count {
            let (offset, place) = try PagePatch.find(in: patches, at: &next)
            patched.bytes.overwrite(at: offset, with: patches[place])
        }
        try patched.checkHeader()
        self = patched
    }
}
