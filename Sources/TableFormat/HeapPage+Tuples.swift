public import WALFormat

/// The tuples of a page. Items are numbered from 1, as PostgreSQL's `OffsetNumber`.
extension HeapPage {
    /// The numbers of the line pointers that stand for a tuple, in rising order.
    public var items: [Int] {
        (0..<lineCount).map { $0 + 1 }.filter { linePointer(at: $0)?.state == .normal }
    }

    /// The line pointer numbered `item`; `nil` if there is none.
    public func linePointer(at item: Int) -> LinePointer? {
        guard item >= 1, item <= lineCount else { return nil }
        return LinePointer(word: load(UInt32.self, at: Self.offset(ofItem: item)))
    }

    /// The tuple numbered `item`; `nil` if there is none, or none that we can read.
    public func tuple(at item: Int) -> HeapTuple? {
        layout(at: item).map { HeapTuple(bytes, at: $0) }
    }

    /// The tuple numbered `item` where it lies; `nil` if there is none, or none that we can read.
    public func layout(at item: Int) -> TupleLayout? {
        guard let place = place(ofItem: item) else { return nil }
        return try? TupleLayout(of: bytes, at: place)
    }

    /// Puts a tuple on the page and returns its item; `nil` when the page is full. The tuple names
    /// itself as the next version. PostgreSQL: `RelationPutHeapTuple`, `PageAddItemExtended`.
    public mutating func insert(_ tuple: HeapTuple) -> Int? {
        let unused = firstUnusedItem
        let item = unused ?? lineCount + 1
        guard item <= Self.maximumLineCount else { return nil }
        var tuple = tuple
        tuple.item = UInt16(item)
        let content = tuple.encoded()
        let newLower = unused == nil ? lower + LinePointer.byteCount : lower
        let newUpper = upper - Self.aligned(content.count)
        guard newLower <= newUpper else { return nil }
        bytes.overwrite(at: newUpper, with: content[...])
        bytes.zero(newUpper + content.count..<upper)
        store(UInt16(newLower), at: Field.lower)
        store(UInt16(newUpper), at: Field.upper)
        setLinePointer(
            LinePointer(offset: newUpper, length: content.count, state: .normal), at: item)
        if unused == nil { setHasFreeLines(false) }
        return item
    }

    /// Marks a tuple as deleted by `xmax`, or as replaced if it has a successor, which then is
    /// named as the next version. `false`, and no change, if the item is no tuple.
    ///
    /// Whether it counts depends on how `xmax` ends. PostgreSQL: `heap_delete`, `heap_update`.
    @discardableResult
    public mutating func markDeleted(
        item: Int, xmax: TransactionID, successor: (block: UInt32, item: UInt16)? = nil
    ) -> Bool {
        guard let place = place(ofItem: item), place.count >= HeapTuple.headerByteCount else {
            return false
        }
        let start = place.lowerBound
        store(xmax.rawValue, at: start + 4)
        var infomask2 = load(UInt16.self, at: start + 18)
        infomask2 &= ~(HeapTuple.Flag.keysUpdated | HeapTuple.Flag.hotUpdated)
        if let successor {
            store(UInt16(successor.block >> 16), at: start + 12)
            store(UInt16(successor.block & 0xFFFF), at: start + 14)
            store(successor.item, at: start + 16)
        } else {
            infomask2 |= HeapTuple.Flag.keysUpdated
        }
        store(infomask2, at: start + 18)
        store(load(UInt16.self, at: start + 20) & ~HeapTuple.Flag.xmaxBits, at: start + 20)
        if pruneXID == .invalid || xmax < pruneXID {
            store(xmax.rawValue, at: Field.pruneXID)
        }
        return true
    }
}

extension HeapPage {
    /// The lowest unused line pointer, if the page's flag says that there may be one.
    var firstUnusedItem: Int? {
        guard load(UInt16.self, at: Field.flags) & Field.hasFreeLines != 0, lineCount > 0 else {
            return nil
        }
        return (1...lineCount).first { item in
            linePointer(at: item).map { $0.state == .unused && $0.length == 0 } ?? false
        }
    }

    /// Where the tuple numbered `item` lies; `nil` if it is none or would not lie among the tuples.
    func place(ofItem item: Int) -> Range<Int>? {
        guard let pointer = linePointer(at: item), pointer.state == .normal,
            pointer.offset >= upper, pointer.offset + pointer.length <= Self.byteCount
        else { return nil }
        return pointer.offset..<pointer.offset + pointer.length
    }

    mutating func setLinePointer(_ pointer: LinePointer, at item: Int) {
        store(pointer.word, at: Self.offset(ofItem: item))
    }

    mutating func setHasFreeLines(_ hasFreeLines: Bool) {
        let others = load(UInt16.self, at: Field.flags) & ~Field.hasFreeLines
        store(others | (hasFreeLines ? Field.hasFreeLines : 0), at: Field.flags)
    }

    static func offset(ofItem item: Int) -> Int {
        headerByteCount + (item - 1) * LinePointer.byteCount
    }

    /// A length rounded up to a multiple of 8. PostgreSQL: `MAXALIGN`.
    static func aligned(_ byteCount: Int) -> Int {
        (byteCount + 7) & ~7
    }
}
