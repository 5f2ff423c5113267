import Storage
import WALFormat
import WireProtocol

/// One client's transaction state, and what its statements do to the node's table.
///
/// It is not a planner: a statement is carried out by its one obvious way. Between BEGIN and COMMIT
/// a whole-table SELECT sees committed rows only; a SELECT by key sees the session's own changes.
///
/// - A write outside a transaction block is a transaction of its own.
/// - A commit's answer is handed back with the position that must be durable before it is sent.
final class SQLSession {
    enum Outcome {
        case done([BackendMessage])
        case failed(ServerError)
        /// Send the messages once the log is durable up to the position.
        case committed(LSN, [BackendMessage])
    }

    private enum Block {
        case none
        /// Inside BEGIN; the transaction gets its number with its first change.
        case open(TransactionID?)
        /// An error ended it; only its end may follow.
        case aborted
    }

    private unowned let process: NodeProcess
    private var block = Block.none

    init(process: NodeProcess) {
        self.process = process
    }

    /// What ReadyForQuery says.
    var state: TransactionState {
        switch block {
        case .none: .idle
        case .open: .inTransaction
        case .aborted: .failed
        }
    }

    func execute(_ statement: SQLStatement) -> Outcome {
        if case .aborted = block {
            switch statement {
            case .commit, .rollback: break
            default: return .failed(.transactionIsAborted)
            }
        }
        do throws(ServerError) {
            return try perform(statement)
        } catch {
            return .failed(error)
        }
    }

    /// A statement failed: inside a block, the block has failed, and its changes are undone.
    func statementFailed() {
        switch block {
        case .none, .aborted: return
        case .open(let xid):
            abort(xid)
            block = .aborted
        }
    }

    /// The connection is gone.
    func rollBack() {
        if case .open(let xid) = block { abort(xid) }
        block = .none
    }

    private func perform(_ statement: SQLStatement) throws(ServerError) -> Outcome {
        switch statement {
        case .select(let select):
            return .done(try process.database.answer(select, as: openTransaction).messages)
        case .selectExpressions(let outputs):
            return .done(try process.evaluate(outputs).messages)
        case .selectFromView(let name, _):
            throw .unsupported("the view \"\(name)\"")
        case .insert(let rows, let conflict):
            return try write("INSERT") { xid throws(ServerError) in
                "INSERT 0 \(try process.database.insert(rows, conflict, xid: xid))"
            }
        case .update(let value, let key):
            guard try hasMatch("UPDATE", key) else { return .done([.commandComplete("UPDATE 0")]) }
            return try write("UPDATE") { xid throws(ServerError) in
                "UPDATE \(try process.database.update(value, key, xid: xid))"
            }
        case .delete(let key):
            guard try hasMatch("DELETE", key) else { return .done([.commandComplete("DELETE 0")]) }
            return try write("DELETE") { xid throws(ServerError) in
                "DELETE \(try process.database.delete(key, xid: xid))"
            }
        case .begin: return begin()
        case .commit: return try commit()
        case .rollback: return rollBackBlock()
        case .show(let name):
            let value = try process.setting(name)
            let columns = [Column(name, .text)]
            return .done(ResultSet(columns: columns, rows: [[value]], tag: "SHOW").messages)
        case .set: return .done([.commandComplete("SET")])
        case .vacuum: throw .unsupported("VACUUM")
        case .checkpoint: throw .unsupported("CHECKPOINT")
        }
    }
}

// Transactions.
extension SQLSession {
    private var openTransaction: TransactionID? {
        switch block {
        case .open(let xid): xid
        case .none, .aborted: nil
        }
    }

    private func begin() -> Outcome {
        guard case .none = block else {
            return .done([
                .noticeResponse(
                    ServerError(
                        severity: .warning, code: .activeSQLTransaction,
                        message: "there is already a transaction in progress")),
                .commandComplete("BEGIN"),
            ])
        }
        block = .open(nil)
        return .done([.commandComplete("BEGIN")])
    }

    private func commit() throws(ServerError) -> Outcome {
        defer { block = .none }
        switch block {
        case .none:
            return .done([.noTransactionWarning, .commandComplete("COMMIT")])
        case .aborted:
            return .done([.commandComplete("ROLLBACK")])
        case .open(nil):
            return .done([.commandComplete("COMMIT")])
        case .open(.some(let xid)):
            try process.checkMayWrite("COMMIT")
            return try committed(xid, tag: "COMMIT")
        }
    }

    private func rollBackBlock() -> Outcome {
        let hadBlock = state != .idle
        rollBack()
        return .done(
            (hadBlock ? [] : [.noTransactionWarning]) + [.commandComplete("ROLLBACK")])
    }

    /// Whether a change would find a row: one that finds none takes no transaction number.
    private func hasMatch(_ verb: String, _ key: SQLValue?) throws(ServerError) -> Bool {
        try process.checkMayWrite(verb)
        return try !process.database.matching(key, openTransaction).isEmpty
    }

    /// A change: in the open block's transaction, or in one of its own that commits at once.
    private func write(
        _ verb: String, _ change: (TransactionID) throws(ServerError) -> String
    ) throws(ServerError) -> Outcome {
        try process.checkMayWrite(verb)
        switch block {
        case .open(let xid):
            let xid = xid ?? process.database.begin()
            block = .open(xid)
            return .done([.commandComplete(try change(xid))])
        case .none, .aborted:
            let xid = process.database.begin()
            let before = process.database.insertLSN
            let tag: String
            do throws(ServerError) {
                tag = try change(xid)
            } catch {
                abort(xid)
                throw error
            }
            guard process.database.insertLSN != before else {
                abort(xid)
                return .done([.commandComplete(tag)])
            }
            return try committed(xid, tag: tag)
        }
    }

    private func committed(_ xid: TransactionID, tag: String) throws(ServerError) -> Outcome {
        do throws(TableError) {
            let record = try process.database.commit(xid, at: LabTime.postgres(process.now))
            let position = BackendMessage.parameterStatus(
                name: ServerGreeting.commitParameter, value: "\(record.end)")
            return .committed(record.end, [position, .commandComplete(tag)])
        } catch {
            throw ServerError(error)
        }
    }

    private func abort(_ xid: TransactionID?) {
        guard let xid, !process.database.isReadOnly else { return }
        _ = try? process.database.abort(xid, at: LabTime.postgres(process.now))
        process.flush()
    }
}

extension BackendMessage {
    fileprivate static var noTransactionWarning: BackendMessage {
        .noticeResponse(
            ServerError(
                severity: .warning, code: .noActiveSQLTransaction,
                message: "there is no transaction in progress"))
    }
}

extension ServerError {
    fileprivate static var transactionIsAborted: ServerError {
        ServerError(
            code: .inFailedSQLTransaction,
            message:
                "current transaction is aborted, commands ignored until end of transaction block")
    }

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
