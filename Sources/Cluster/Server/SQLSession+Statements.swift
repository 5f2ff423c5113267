import Storage
import WireProtocol

/// A statement whose names and types were found, so that it can be described and run.
struct PreparedStatement {
    let statement: SQLStatement?
    /// The types of `$1` and on.
    let parameters: [Column.DataType]
    /// What its rows will look like; nil if it gives none.
    let columns: [Relation.Attribute]?
}

extension SQLStatement? {
    /// Nothing but the end of a transaction may run in a block that has failed.
    var endsTransaction: Bool {
        switch self {
        case .commit, .rollback: true
        case .select, .insert, .update, .delete, .begin, .show, .set, .reset, .deallocate,
            .discardAll, .vacuum, .checkpoint, .refused, nil:
            false
        }
    }

    /// Whether it begins or ends a block.
    var controlsTransaction: Bool {
        if case .begin = self { true } else { endsTransaction }
    }
}

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
            let plan = try SelectPlan(select, session: self, declared: types)
            return PreparedStatement(
                statement: statement, parameters: plan.parameters, columns: plan.columns)
        case .show(let name):
            _ = try setting(name)
            return PreparedStatement(
                statement: statement, parameters: types.known,
                columns: [Relation.Attribute(SessionSettings.title(name), .text)])
        case .update(_, let key?), .delete(let key?):
            try key.checkIsText(types)
        case .refused(let error):
            throw error.serverError
        case .update, .delete, .insert, .begin, .commit, .rollback, .set, .reset, .deallocate,
            .discardAll, .vacuum, .checkpoint, nil:
            break
        }
        return PreparedStatement(statement: statement, parameters: types.known, columns: nil)
    }

    /// Runs a statement in the session's transaction; `values` are `$1` and on, of the prepared
    /// types.
    func run(
        _ prepared: PreparedStatement, _ values: [SQLDatum] = []
    ) throws(ServerError) -> SQLAnswer {
        try checkNotAborted(prepared.statement)
        switch prepared.statement {
        case .select(let select):
            let plan = try SelectPlan(select, session: self, declared: prepared.parameters)
            return SQLAnswer(columns: plan.columns, rows: try plan.run(values), tag: "SELECT")
        case .insert(let rows, let conflict):
            try checkMayWrite("INSERT")
            let changes = try process.database.changes(inserting: rows, conflict, values, as: xid)
            try apply(changes)
            return SQLAnswer(tag: "INSERT 0 \(changes.count)")
        case .update(let value, let key):
            try checkMayWrite("UPDATE")
            let changes = try process.database.changes(updating: key, to: value, values, as: xid)
            try apply(changes)
            return SQLAnswer(tag: "UPDATE \(changes.count)")
        case .delete(let key):
            try checkMayWrite("DELETE")
            let changes = process.database.changes(deleting: key, values, as: xid)
            try apply(changes)
            return SQLAnswer(tag: "DELETE \(changes.count)")
        case .begin(let readOnly): return begin(readOnly: readOnly)
        case .commit: return commit()
        case .rollback: return rollBackBlock()
        case .show(let name):
            let value = try setting(name)
            return SQLAnswer(columns: prepared.columns, rows: [[.text(value)]], tag: "SHOW")
        case .set(let name, let value):
            try set(name, to: value)
            return SQLAnswer(tag: "SET")
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

    /// What a SELECT reads.
    func relation(_ relation: SQLRelation) -> Relation {
        switch relation.name {
        case .kv: table(as: relation.alias)
        case .statReplication: process.statReplication(as: relation.alias)
        case .statWALReceiver: process.statWALReceiver(as: relation.alias)
        case .replicationSlots: process.replicationSlots(as: relation.alias)
        }
    }

    // MARK: What only one kind of node has

    /// The node, if it is a primary. PostgreSQL: `RecoveryInProgress` checks in xlogfuncs.c.
    var primary: NodeProcess {
        get throws(ServerError) { try primary("WAL control functions") }
    }

    func primary(_ what: String) throws(ServerError) -> NodeProcess {
        guard !process.isInRecovery else {
            throw ServerError(
                code: .objectNotInPrerequisiteState, message: "recovery is in progress",
                hint: "\(what) cannot be executed during recovery.")
        }
        return process
    }

    /// The node, if it is a standby.
    var standby: NodeProcess {
        get throws(ServerError) {
            guard process.isInRecovery else {
                throw ServerError(
                    code: .objectNotInPrerequisiteState, message: "recovery is not in progress",
                    hint: "Recovery control functions can only be executed during recovery.")
            }
            return process
        }
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

extension ServerError {
    static func unsupported(_ what: String) -> ServerError {
        ServerError(
            code: .featureNotSupported, message: "\(what) is not supported by this lab",
            hint: "Use SELECT, INSERT, UPDATE or DELETE on the table kv(key text, value text).")
    }

    /// A refused change, as PostgreSQL says it.
    init(_ error: TableError) {
        switch error {
        case .conflict: self.init(code: .serializationFailure, message: error.description)
        case .rowTooLarge: self.init(code: .programLimitExceeded, message: error.description)
        case .zeroByte: self.init(code: .characterNotInRepertoire, message: error.description)
        case .readOnly: self.init(code: .readOnlySQLTransaction, message: error.description)
        case .noSuchTransaction: self.init(code: .internalError, message: error.description)
        }
    }
}
