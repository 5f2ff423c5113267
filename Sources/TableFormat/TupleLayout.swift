public import WALFormat

/// A tuple where it lies on its page: who made it and who deleted it, and where its texts are, with
/// nothing copied.
public struct TupleLayout: Hashable, Sendable {
    /// Where its header begins.
    let start: Int
    /// The transaction that made this version.
    public let xmin: TransactionID
    /// See `HeapTuple.xmax`.
    public let xmax: TransactionID
    /// See `HeapTuple.infomask`.
    public let infomask: UInt16
    /// Where the key's bytes are.
    public let key: Range<Int>
    /// Where the value's bytes are.
    public let value: Range<Int>

    /// Any bytes but those of a tuple of two texts are `malformed`.
    init(of bytes: [UInt8], at place: Range<Int>) throws(TupleError) {
        guard place.count >= HeapTuple.headerByteCount else { throw .malformed }
        start = place.lowerBound
        let infomask2 = bytes.load(littleEndian: UInt16.self, at: start + 18)
        infomask = bytes.load(littleEndian: UInt16.self, at: start + 20)
        guard infomask2 & HeapTuple.Flag.columnCountMask == 2,
            infomask & HeapTuple.Flag.unreadable == 0,
            bytes[start + 22] == HeapTuple.headerByteCount
        else { throw .malformed }
        xmin = TransactionID(bytes.load(littleEndian: UInt32.self, at: start))
        xmax = TransactionID(bytes.load(littleEndian: UInt32.self, at: start + 4))
        var offset = start + HeapTuple.headerByteCount
        guard let key = Varlena.place(in: bytes, tuple: place, at: &offset),
            let value = Varlena.place(in: bytes, tuple: place, at: &offset)
        else { throw .malformed }
        self.key = key
        self.value = value
    }

    /// See `HeapTuple.deleter`.
    public var deleter: TransactionID? { HeapTuple.deleter(xmax: xmax, infomask: infomask) }
}
