internal import Glibc
internal import TableFormat
internal import WALFormat

/// What one transaction did to a page between two of its states.
struct PageChanges {
    /// New versions, and the items they are at.
    var inserted: [(item: Int, tuple: HeapTuple)] = []
    /// Versions deleted or replaced.
    var deleted: [HeapTuple] = []
}

extension HeapPage {
    /// What `xid` did to turn `old` (nil: no page) into this page.
    func changes(since old: HeapPage?, by xid: TransactionID) -> PageChanges {
        var changes = PageChanges()
        guard xid >= .firstNormal else { return changes }
        for item in changedItems(since: old) {
            guard let tuple = tuple(at: item) else { continue }
            let before = old?.tuple(at: item)
            if tuple.xmin == xid, before?.xmin != xid || before?.key != tuple.key {
                changes.inserted.append((item, tuple))
            }
            if tuple.deleter == xid, before?.deleter != xid { changes.deleted.append(tuple) }
        }
        return changes
    }

    /// The items whose line pointer or tuple differs. A record changes one or two of hundreds, and
    /// replay asks for each record: so raw words and memory are compared, and nothing is decoded.
    /// Most records only add a row, which leaves all the old tuples as they were.
    private func changedItems(since old: HeapPage?) -> [Int] {
        guard let old else { return items }
        let (count, oldUpper) = (lineCount, old.upper)
        var changed: [Int] = []
        bytes.withUnsafeBytes { new in
            old.bytes.withUnsafeBytes { old in
                let keepsTuples = Self.isEqual(new, old, oldUpper..<new.count)
                for item in 0..<count {
                    let offset = 24 + item * 4
                    if Self.isEqual(new, old, lineAt: offset, keepsTuples ? oldUpper : new.count) {
                        continue
                    }
                    changed.append(item + 1)
                }
            }
        }
        return changed
    }

    private static func isEqual(
        _ new: UnsafeRawBufferPointer, _ old: UnsafeRawBufferPointer, _ range: Range<Int>
    ) -> Bool {
        guard let new = new.baseAddress, let old = old.baseAddress else { return true }
        return memcmp(new + range.lowerBound, old + range.lowerBound, range.count) == 0
    }

    /// Whether both pages have the same line pointer at an offset, and the same bytes where it
    /// points; from `known` on they are known to be the same.
    private static func isEqual(
        _ new: UnsafeRawBufferPointer, _ old: UnsafeRawBufferPointer, lineAt offset: Int,
        _ known: Int
    ) -> Bool {
        let word = new.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        guard word == old.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        else { return false }
        let start = Int(word & 0x7FFF)
        let length = Int(word >> 17)
        guard start < known, start + length <= new.count else { return true }
        return isEqual(new, old, start..<start + length)
    }
}
