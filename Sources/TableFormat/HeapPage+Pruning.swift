import WALFormat

/// Making room. PostgreSQL: `heap_page_prune`, `PageRepairFragmentation`,
/// `PageTruncateLinePointerArray`.
extension HeapPage {
    /// Takes tuples off the page, moves the others together at its end, and gives up the unused
    /// line pointers behind the last used one. The tuples that stay keep their items.
    ///
    /// It does not ask whether anybody could still see the tuples: that is the caller's decision.
    public mutating func prune(_ removed: [Int]) {
        guard !isNeverWritten else { return }
        for item in removed where linePointer(at: item)?.state == .normal {
            setLinePointer(.unused, at: item)
        }
        compact()
        truncateLinePointers()
        let deleters = items.compactMap { tuple(at: $0)?.deleter }
        store((deleters.min() ?? .invalid).rawValue, at: Field.pruneXID)
    }

    /// Moves all tuples to the page's end, in the order they lie in.
    private mutating func compact() {
        let tuples = items.compactMap { item in
            place(ofItem: item).map { (item: item, content: bytes[$0]) }
        }
        var start = Self.byteCount
        for (item, content) in tuples.sorted(by: { $0.content.startIndex > $1.content.startIndex })
        {
            start -= Self.aligned(content.count)
            guard start >= lower else { break }
            bytes.overwrite(at: start, with: Array(content)[...])
            setLinePointer(
                LinePointer(offset: start, length: content.count, state: .normal), at: item)
        }
        store(UInt16(start), at: Field.upper)
        zeroHole()
    }

    /// Item 1 stays even if it is unused, as in PostgreSQL.
    private mutating func truncateLinePointers() {
        var count = lineCount
        while count > 1, linePointer(at: count)?.state == .unused {
            count -= 1
        }
        store(UInt16(Self.offset(ofItem: count + 1)), at: Field.lower)
        zeroHole()
        setHasFreeLines(
            count > 0 && (1...count).contains { linePointer(at: $0)?.state == .unused })
    }
}
