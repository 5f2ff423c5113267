internal import WireProtocol

extension SQLParser {
    /// `kv`, `public.kv`, or a view with or without `pg_catalog.`.
    mutating func relationName() throws(SQLSyntaxError) -> SQLRelation.Name {
        let start = self
        if seesSymbol("(") { throw error(.unsupported("a query inside a query")) }
        let parts = try qualifiedName()
        let schema = parts.dropLast().last
        if parts.count <= 2, let name = SQLRelation.Name(rawValue: parts.last ?? "") {
            let home = name == .kv ? "public" : "pg_catalog"
            if schema == nil || schema == home { return name }
        }
        throw start.error(.undefinedTable(parts.joined(separator: ".")))
    }

    /// `kv`, for the statements that change it.
    mutating func expectTable() throws(SQLSyntaxError) {
        let start = self
        let name = try relationName()
        guard name == .kv else {
            throw start.error(.unsupported("changing the view \(name.rawValue)"))
        }
    }

    /// `key`, `value`, or the same with `kv.` before it.
    mutating func field() throws(SQLSyntaxError) -> SQLField {
        let position = token.position
        let column = Self.column(try qualifiedName(), at: position)
        guard column.table == nil || column.table == "kv",
            let field = SQLField(rawValue: column.name)
        else { throw column.undefined }
        return field
    }

    /// The column that `name`, `table.name` or `schema.table.name` means.
    static func column(_ parts: [String], at position: Int) -> SQLColumn {
        var table = Array(parts.dropLast())
        if table.count == 2, table[0] == "public" || table[0] == "pg_catalog" {
            table.removeFirst()
        }
        return SQLColumn(
            parts.last ?? "", table: table.isEmpty ? nil : table.joined(separator: "."),
            position: position)
    }
}

/// A column of `kv`.
enum SQLField: String {
    case key
    case value
}
