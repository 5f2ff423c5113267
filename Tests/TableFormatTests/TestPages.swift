import LabClock
import WALFormat

@testable import TableFormat

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
func randomPage(_ random: inout SeededDraws, steps count: Int, from page: HeapPage) -> HeapPage {
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
