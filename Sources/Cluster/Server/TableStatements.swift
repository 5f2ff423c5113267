import Storage
import WALFormat
import WireProtocol

/// The statements on `kv`, carried out on the database's image. Each answers how many rows it
/// touched, or PostgreSQL's error.
extension Database {
    mutating func insert(
        _ rows: [SQLRow], _ conflict: SQLConflict, xid: TransactionID
    ) throws(ServerError) -> Int {
        var count = 0
        for row in rows {
            let key = try row.key.text(of: "key")
            let value = try row.value.text(of: "value")
            let exists = get(key, as: xid) != nil
            switch conflict {
            case .fail where exists: throw .duplicate(key)
            case .nothing where exists: continue
            case .fail, .nothing, .update: break
            }
            try store(key, value, xid: xid)
            count += 1
        }
        return count
    }

    mutating func update(
        _ value: SQLValue, _ key: SQLValue?, xid: TransactionID
    ) throws(ServerError) -> Int {
        let text = try value.text(of: "value")
        let keys = try matching(key, xid)
        for key in keys { try store(key, text, xid: xid) }
        return keys.count
    }

    mutating func delete(_ key: SQLValue?, xid: TransactionID) throws(ServerError) -> Int {
        let keys = try matching(key, xid)
        for key in keys {
            do throws(TableError) {
                _ = try delete(key, xid: xid)
            } catch {
                throw ServerError(error)
            }
        }
        return keys.count
    }

    func answer(_ select: SQLSelect, as xid: TransactionID?) throws(ServerError) -> ResultSet {
        var rows = try selected(select.key, as: xid)
        if select.isCount {
            return ResultSet(
                columns: select.outputs.map { Column($0.name, .int8) },
                rows: [select.outputs.map { _ in "\(rows.count)" }], tag: "SELECT 1")
        }
        if let order = select.order {
            rows.sort { ($0[order.field] ?? "") < ($1[order.field] ?? "") }
            if order.descending { rows.reverse() }
        }
        if let limit = select.limit { rows = Array(rows.prefix(max(0, limit))) }
        return ResultSet(
            columns: select.outputs.map { Column($0.name, .text) },
            rows: rows.map { row in select.outputs.map { row[$0.field] } },
            tag: "SELECT \(rows.count)")
    }

    private func selected(
        _ key: SQLValue?, as xid: TransactionID?
    ) throws(ServerError) -> [Row] {
        guard let key else { return rows().map { Row(key: $0.key, value: $0.value) } }
        guard let text = try key.optionalText, let value = get(text, as: xid) else { return [] }
        return [Row(key: text, value: value)]
    }

    /// The keys that a WHERE clause means, of those there are.
    func matching(_ key: SQLValue?, _ xid: TransactionID?) throws(ServerError) -> [String] {
        guard let key else { return rows().map(\.key) }
        guard let text = try key.optionalText, get(text, as: xid) != nil else { return [] }
        return [text]
    }

    private mutating func store(
        _ key: String, _ value: String, xid: TransactionID
    ) throws(ServerError) {
        do throws(TableError) {
            try put(key, value, xid: xid)
        } catch {
            throw ServerError(error)
        }
    }
}

/// A row on its way to a client.
private struct Row {
    let key: String
    let value: String

    subscript(_ field: SQLSelect.Field) -> String? {
        switch field {
        case .key: key
        case .value: value
        case .count: nil
        }
    }
}

extension SQLValue {
    /// The text, or nil for NULL. Parameters must have been bound.
    var optionalText: String? {
        get throws(ServerError) {
            switch self {
            case .text(let text): return text
            case .null: return nil
            case .parameter(let number):
                throw ServerError(
                    code: .undefinedParameter, message: "there is no parameter $\(number)")
            }
        }
    }

    /// The text for a column that takes no NULL.
    fileprivate func text(of column: String) throws(ServerError) -> String {
        guard let text = try optionalText else {
            throw ServerError(
                code: SQLState("23502"),
                message: "null value in column \"\(column)\" of relation \"kv\" "
                    + "violates not-null constraint")
        }
        return text
    }
}

extension ServerError {
    fileprivate static func duplicate(_ key: String) -> ServerError {
        ServerError(
            code: .uniqueViolation,
            message: "duplicate key value violates unique constraint \"kv_pkey\"",
            detail: "Key (key)=(\(key)) already exists.")
    }
}
