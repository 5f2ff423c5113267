import WALFormat
import WireProtocol

// The statements on `kv`: first what they would change, so that one which changes nothing takes no
// transaction number; then the change.
extension SQLHost {
    /// Nil while that is undecided: the key of a row may be taken or free, by what becomes of a
    /// commit that is not durable yet.
    ///
    /// - Parameters:
    ///   - values: what `$1` and on stand for.
    ///   - xid: the transaction that asks; it sees its own changes.
    func changes(
        inserting rows: [SQLRow], _ conflict: SQLConflict, _ values: [SQLDatum],
        as xid: TransactionID?
    ) throws(ServerError) -> [TableChange]? {
        var changes: [TableChange] = []
        var seen: Set<String> = []
        for row in rows {
            let key = try row.key.text(of: "key", values)
            let value = try row.value.text(of: "value", values)
            let isNew = seen.insert(key).inserted
            let exists = !isNew || hasRow(key, toChangeBy: xid)
            switch conflict {
            case .fail where isNew && exists && isChangedByUnflushedCommit(key): return nil
            case .fail where exists: throw .duplicate(key)
            case .nothing where exists: continue
            case .update where !isNew: throw .changedTwice
            case .fail, .nothing, .update: changes.append(.put(key: key, value: value))
            }
        }
        return changes
    }

    func changes(
        updating key: SQLValue?, to value: SQLValue, _ values: [SQLDatum], as xid: TransactionID?
    ) throws(ServerError) -> [TableChange] {
        let keys = matching(key, values, xid)
        guard !keys.isEmpty else { return [] }
        let text = try value.text(of: "value", values)
        return keys.map { .put(key: $0, value: text) }
    }

    func changes(
        deleting key: SQLValue?, like pattern: SQLPattern?, _ values: [SQLDatum],
        as xid: TransactionID?
    ) -> [TableChange] {
        matching(key, values, xid).filter { pattern?.matches($0) ?? true }.map { .delete(key: $0) }
    }

    /// The keys that a WHERE clause means, of those there are.
    private func matching(
        _ key: SQLValue?, _ values: [SQLDatum], _ xid: TransactionID?
    ) -> [String] {
        guard let key else { return keys(toChangeBy: xid) }
        guard let text = key.text(values), hasRow(text, toChangeBy: xid) else { return [] }
        return [text]
    }
}

extension SQLValue {
    /// The text, or nil for NULL.
    func text(_ values: [SQLDatum]) -> String? {
        switch self {
        case .text(let text): text
        case .null: nil
        case .parameter(let number):
            // How many values there are was checked at Bind.
            values.indices.contains(number - 1) ? values[number - 1].castToText.text : nil
        }
    }

    /// The text for a column that takes no NULL.
    fileprivate func text(
        of column: String, _ values: [SQLDatum]
    ) throws(ServerError) -> String {
        guard let text = text(values) else {
            throw ServerError(
                code: .notNullViolation,
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

    fileprivate static var changedTwice: ServerError {
        ServerError(
            code: SQLState("21000"),
            message: "ON CONFLICT DO UPDATE command cannot affect row a second time",
            hint: "Ensure that no rows proposed for insertion within the same command have "
                + "duplicate constrained values.")
    }
}
