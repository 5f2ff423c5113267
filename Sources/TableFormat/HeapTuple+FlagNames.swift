/// What a tuple's two flag words say, in PostgreSQL's names (`htup_details.h`).
extension HeapTuple {
    /// Names of the flags set in `infomask2`, then in `infomask`, each from the lowest bit up, as
    /// `heap_tuple_infomask_flags` of pageinspect names them. The column count is not a flag.
    public var flagNames: [String] {
        Self.names(in: infomask2, Self.infomask2Names)
            + Self.names(in: infomask, Self.infomaskNames)
    }

    private static func names(in word: UInt16, _ names: [(bit: UInt16, name: String)]) -> [String] {
        names.filter { word & $0.bit != 0 }.map(\.name)
    }

    private static let infomask2Names: [(bit: UInt16, name: String)] = [
        (0x2000, "HEAP_KEYS_UPDATED"), (0x4000, "HEAP_HOT_UPDATED"), (0x8000, "HEAP_ONLY_TUPLE"),
    ]

    private static let infomaskNames: [(bit: UInt16, name: String)] = [
        (0x0001, "HEAP_HASNULL"), (0x0002, "HEAP_HASVARWIDTH"), (0x0004, "HEAP_HASEXTERNAL"),
        (0x0008, "HEAP_HASOID_OLD"), (0x0010, "HEAP_XMAX_KEYSHR_LOCK"), (0x0020, "HEAP_COMBOCID"),
        (0x0040, "HEAP_XMAX_EXCL_LOCK"), (0x0080, "HEAP_XMAX_LOCK_ONLY"),
        (0x0100, "HEAP_XMIN_COMMITTED"), (0x0200, "HEAP_XMIN_INVALID"),
        (0x0400, "HEAP_XMAX_COMMITTED"), (0x0800, "HEAP_XMAX_INVALID"),
        (0x1000, "HEAP_XMAX_IS_MULTI"), (0x2000, "HEAP_UPDATED"), (0x4000, "HEAP_MOVED_OFF"),
        (0x8000, "HEAP_MOVED_IN"),
    ]
}
