/// What may stand after FROM.
enum SQLTable: Hashable {
    case kv
    case view(String)
}

extension SQLParser {
    /// The views a monitoring client may read.
    static let views: Set<String> = [
        "pg_stat_replication", "pg_stat_wal_receiver", "pg_replication_slots",
    ]

    /// `kv`, `public.kv`, or a view with or without `pg_catalog.`.
    mutating func tableName() throws(SQLSyntaxError) -> SQLTable {
        let start = self
        if seesSymbol("(") { throw error(.unsupported("a query inside a query")) }
        let parts = try qualifiedName()
        let schema = parts.dropLast().last
        let table = parts.last ?? ""
        if table == "kv", parts.count <= 2, schema == nil || schema == "public" { return .kv }
        if Self.views.contains(table), parts.count <= 2, schema == nil || schema == "pg_catalog" {
            return .view(table)
        }
        throw start.error(.undefinedTable(parts.joined(separator: ".")))
    }

    /// `kv`, for the statements that change it.
    mutating func expectTable() throws(SQLSyntaxError) {
        let start = self
        guard case .view(let name) = try tableName() else { return }
        throw start.error(.unsupported("changing the view \(name)"))
    }

    /// `key`, `value`, or the same with `kv.` before it.
    mutating func column() throws(SQLSyntaxError) -> SQLSelect.Field {
        let start = token.position
        let parts = try qualifiedName()
        return try Self.field(Self.columnName(parts), at: start)
    }

    static func field(_ name: String, at position: Int) throws(SQLSyntaxError) -> SQLSelect.Field {
        switch name {
        case "key": .key
        case "value": .value
        default: throw SQLSyntaxError(.undefinedColumn(name), at: position)
        }
    }

    /// The name without the table's.
    static func columnName(_ parts: [String]) -> String {
        let isQualified = parts.dropLast() == ["kv"] || parts.dropLast() == ["public", "kv"]
        return isQualified ? parts.last ?? "" : parts.joined(separator: ".")
    }
}
