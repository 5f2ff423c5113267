import WireProtocol

/// What a SELECT reads: the table, or a view of what the node does. Columns as PostgreSQL 15 has
/// them.
struct Relation {
    struct Attribute: Hashable, Sendable {
        let name: String
        let type: Column.DataType

        init(_ name: String, _ type: Column.DataType) {
            self.name = name
            self.type = type
        }
    }

    /// The name its columns may be qualified with.
    let alias: String
    let columns: [Attribute]
    /// Its rows now; with a key, those that have it.
    let rows: (_ context: any SQLContext, _ key: String?) -> [[SQLDatum]]
    /// How many rows there are, where that is known without counting.
    let count: (any SQLContext) -> Int?

    init(
        alias: String, columns: [(String, Column.DataType)],
        rows: @escaping (any SQLContext, _ key: String?) -> [[SQLDatum]],
        count: @escaping (any SQLContext) -> Int? = { _ in nil }
    ) {
        self.alias = alias
        self.columns = columns.map(Attribute.init)
        self.rows = rows
        self.count = count
    }
}
