/// Keys that were written or asked for, to offer at TAB. Not the table: only what passed by here.
struct KeyMemory {
    /// So many are kept; later ones are not.
    private static let limit = 2_000

    private var known: Set<String> = []

    /// The keys, in no order.
    var all: [String] { Array(known) }

    /// A key passed by.
    mutating func note(_ key: String) {
        guard known.count < Self.limit else { return }
        known.insert(key)
    }
}
