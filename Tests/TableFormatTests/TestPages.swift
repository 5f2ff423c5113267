import WALFormat

@testable import TableFormat

/// SplitMix64: the same numbers from the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }
}

/// A version of a row, for tests that know it fits.
func tuple(
    _ key: String, _ value: String, xmin: UInt32 = 700, replacesAnother: Bool = false
) -> HeapTuple {
    do {
        return try HeapTuple(
            xmin: TransactionID(xmin), block: 0, key: Array(key.utf8), value: Array(value.utf8),
            replacesAnother: replacesAnother)
    } catch { fatalError("\(error)") }
}

/// A page that went through `count` random inserts, deletions, updates and prunings.
func randomPage(_ random: inout SeededGenerator, steps count: Int, from page: HeapPage) -> HeapPage
{
    var page = page
    for _ in 0..<count {
        let xid = UInt32.random(in: 3...90000, using: &random)
        let value = String(
            repeating: "v", count: Int.random(in: 0...300, using: &random))
        let chosen = page.items.randomElement(using: &random)
        switch (Int.random(in: 0..<10, using: &random), chosen) {
        case (0..<6, _), (_, nil):
            _ = page.insert(tuple("k\(xid)", value, xmin: xid))
        case (6, let item?):
            page.markDeleted(item: item, xmax: TransactionID(xid))
        case (7, let item?):
            page.prune([item])
        case (_, let item?):
            if let new = page.insert(tuple("k", value, xmin: xid, replacesAnother: true)) {
                page.markDeleted(
                    item: item, xmax: TransactionID(xid), successor: (0, UInt16(new)))
            }
        }
    }
    return page
}

/// Bytes written as hexadecimal digits; spaces do not count.
func hex(_ digits: String) -> [UInt8] {
    let digits = Array(digits.filter { $0 != " " })
    return stride(from: 0, to: digits.count, by: 2).compactMap {
        UInt8(String(digits[$0..<$0 + 2]), radix: 16)
    }
}
