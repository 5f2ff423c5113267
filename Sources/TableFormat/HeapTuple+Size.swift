/// How much room a row takes, and how much there is.
extension HeapTuple {
    /// The longest tuple that fits an empty page: 8160 bytes. PostgreSQL: `MaxHeapTupleSize`.
    public static let maximumByteCount = HeapPage.byteCount - 32

    /// Bytes of a tuple, before its length is rounded up to a multiple of 8.
    public static func byteCount(keyByteCount: Int, valueByteCount: Int) -> Int {
        let key = Varlena.end(byteCount: keyByteCount, at: headerByteCount)
        return Varlena.end(byteCount: valueByteCount, at: key)
    }

    /// The longest value that fits beside a key of this many bytes; `nil` if not even an empty one
    /// does.
    public static func maximumValueByteCount(keyByteCount: Int) -> Int? {
        guard byteCount(keyByteCount: keyByteCount, valueByteCount: 0) <= maximumByteCount else {
            return nil
        }
        let start = Varlena.end(byteCount: keyByteCount, at: headerByteCount)
        let long = maximumByteCount - Varlena.aligned(start) - Varlena.longHeaderByteCount
        let short = maximumByteCount - start - 1
        return long > Varlena.maximumShortByteCount
            ? long : min(short, Varlena.maximumShortByteCount)
    }
}

/// Why a row cannot be a tuple, or bytes are not one.
public enum TupleError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The tuple of key and value, padded to a multiple of 8, is longer than a page has room for.
    case rowTooBig(byteCount: Int, maximum: Int)
    /// Bytes on a page that are not a tuple of two texts that we can read.
    case malformed

    /// In PostgreSQL's words.
    public var description: String {
        switch self {
        case .rowTooBig(let byteCount, let maximum):
            "row is too big: size \(byteCount), maximum size \(maximum)"
        case .malformed: "not a readable tuple of kv(key text, value text)"
        }
    }
}
