import WireProtocol

// One statement: what it needs, and what it does.
extension SQLSession {
    /// Finds names and types. `declared` are the parameters' types as far as the client said them.
    func prepare(
        _ statement: SQLStatement?, declared: [Column.DataType?] = []
    ) throws(ServerError) -> PreparedStatement {
        try checkNotAborted(statement)
        let count = statement?.parameterCount ?? 0
        var types = declared
        while types.count < count { types.append(nil) }
        switch statement {
        case .select(let select):
            let plan = try SelectPlan(
                select, from: select.relation.map(Relation.init), declared: types)
            return PreparedStatement(
                statement: statement, plan: plan, parameters: plan.parameters,
                columns: plan.columns)
        case .show(let name):
            let title = try shown(name).name
            return PreparedStatement(
                statement: statement, parameters: types.known,
                columns: [Relation.Attribute(title, .text)])
        case .update(_, let key?), .delete(let key?, _):
            try key.checkIsText(types)
        case .refused(let error):
            throw error.serverError
        case .update, .delete, .insert, .begin, .commit, .rollback, .set, .alterSystem, .reset,
            .deallocate, .discardAll, .vacuum, .checkpoint, nil:
            break
        }
        return PreparedStatement(statement: statement, parameters: types.known)
    }

    /// Runs a statement in the session's transaction; `values` are `$1` and on, of the prepared
    /// types.
    func run(
        _ prepared: PreparedStatement, _ values: [SQLDatum] = []
    ) throws(ServerError) -> SQLOutcome {
        try checkNotAborted(prepared.statement)
        if prepared.statement.readsTable { openSnapshotIfRepeatable() }
        switch prepared.statement {
        case .insert(let rows, let conflict):
            return try insert(rows, conflict, values)
        case .update(let value, let key):
            try checkMayWrite("UPDATE")
            try checkUnchanged(key, values)
            let changes = try host.changes(updating: key, to: value, values, as: xid)
            return try change(changes, tag: "UPDATE \(changes.count)")
        case .delete(let key, let pattern):
            try checkMayWrite("DELETE")
            try checkUnchanged(key, values)
            let changes = host.changes(deleting: key, like: pattern, values, as: xid)
            return try change(changes, tag: "DELETE \(changes.count)")
        case .select, .begin, .commit, .rollback, .show, .set, .alterSystem, .reset, .deallocate,
            .discardAll, .vacuum, .checkpoint, .refused, nil:
            return .answer(try answer(prepared, values))
        }
    }

    private func insert(
        _ rows: [SQLRow], _ conflict: SQLConflict, _ values: [SQLDatum]
    ) throws(ServerError) -> SQLOutcome {
        try checkMayWrite("INSERT")
        let changes = try host.changes(inserting: rows, conflict, values, as: xid)
        guard let changes else { return .undecided }
        return try change(changes, tag: "INSERT 0 \(changes.count)")
    }

    /// Makes a statement's changes, or has them made piece by piece.
    private func change(
        _ changes: [TableChange], tag: String
    ) throws(ServerError) -> SQLOutcome {
        guard changes.count <= BulkChange.pieceCount else {
            return .bulk(BulkChange(changes, tag: tag))
        }
        try apply(changes)
        return .answer(SQLAnswer(tag: tag))
    }

    /// Runs a statement that changes no row.
    private func answer(
        _ prepared: PreparedStatement, _ values: [SQLDatum]
    ) throws(ServerError) -> SQLAnswer {
        switch prepared.statement {
        case .insert, .update, .delete: preconditionFailure("it changes rows: \(prepared)")
        case .select:
            let rows = try prepared.plan?.run(values, in: self) ?? []
            return SQLAnswer(columns: prepared.columns, rows: rows, tag: "SELECT")
        case .begin(let readOnly, let isolation):
            return begin(readOnly: readOnly, isolation)
        case .commit: return commit()
        case .rollback: return rollBackBlock()
        case .show(let name):
            let value = try setting(name)
            return SQLAnswer(columns: prepared.columns, rows: [[.text(value)]], tag: "SHOW")
        case .set(let name, let value):
            try set(name, to: value)
            return SQLAnswer(tag: "SET")
        case .alterSystem(let name, let value):
            try alterSystem(name, to: value)
            return SQLAnswer(tag: "ALTER SYSTEM")
        case .reset(let name):
            settings.reset(name)
            return SQLAnswer(tag: "RESET")
        case .deallocate(let name):
            try self.prepared.deallocate(name)
            return SQLAnswer(tag: name == nil ? "DEALLOCATE ALL" : "DEALLOCATE")
        case .discardAll:
            settings.reset(nil)
            self.prepared = PreparedObjects()
            return SQLAnswer(tag: "DISCARD ALL")
        case .vacuum: throw .unsupported("VACUUM")
        case .checkpoint: throw .unsupported("CHECKPOINT")
        case .refused(let error): throw error.serverError
        case nil: return SQLAnswer(tag: "")
        }
    }

    /// In a block that has failed, only its end is accepted.
    func checkNotAborted(_ statement: SQLStatement?) throws(ServerError) {
        guard state == .failed, statement != nil, !statement.endsTransaction else { return }
        throw ServerError(
            code: .inFailedSQLTransaction,
            message:
                "current transaction is aborted, commands ignored until end of transaction block")
    }
}

extension [Column.DataType?] {
    /// What no place decided is a text.
    fileprivate var known: [Column.DataType] { map { $0 ?? .text } }
}

extension SQLValue {
    /// A key is compared with texts only.
    fileprivate func checkIsText(_ types: [Column.DataType?]) throws(ServerError) {
        guard case .parameter(let number) = self, let type = types[number - 1],
            !type.isText, type != .unknown
        else { return }
        throw ServerError(
            code: .undefinedFunction, message: "operator does not exist: text = \(type.title)",
            hint: "Keys are texts. Cast the number: key = $\(number)::text")
    }
}
