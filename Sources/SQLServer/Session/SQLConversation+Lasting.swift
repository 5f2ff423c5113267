package import WALFormat
import WireProtocol

/// A statement that has its rows and goes on for some time: `pg_sleep` stands in it.
struct LastingStatement {
    let answer: SQLAnswer
    let execution: Execution
    let end: PostgresTime
}

// Statements that take time, and what puts an end to them.
extension SQLConversation {
    func goOn(with answer: SQLAnswer, _ execution: Execution) {
        let pause = session.takePause()
        guard pause > .zero else { return send(answer, execution) }
        let microseconds = Int64(pause / .microseconds(1))
        let end = PostgresTime(microseconds: session.host.now.microseconds + microseconds)
        lasting = LastingStatement(answer: answer, execution: execution, end: end)
        emit(.wake(at: end))
    }

    /// Time has come to `now`. Does nothing if nothing is due.
    package func timeReached(_ now: PostgresTime) -> [SQLAction] {
        guard let statement = lasting else { return [] }
        guard now >= statement.end else { return [.wake(at: statement.end)] }
        lasting = nil
        session.pauseEnded()
        send(statement.answer, statement.execution)
        return takeActions()
    }

    /// The client wants an end of what is under way; there may be nothing. PostgreSQL:
    /// `StatementCancelHandler`.
    package func cancelled() -> [SQLAction] {
        guard let origin = underWay else { return [] }
        refuse(
            ServerError(
                code: .queryCanceled, message: "canceling statement due to user request"), origin)
        return takeActions()
    }

    /// Replay cannot wait any longer for the session's snapshot to be given up. One that is idle in
    /// its transaction would not read an error, and loses its connection. PostgreSQL:
    /// `ProcessInterrupts` with `RecoveryConflictPending`.
    package func conflictsWithRecovery() -> [SQLAction] {
        let detail = "User query might have needed to see row versions that must be removed."
        if let origin = underWay {
            refuse(
                ServerError(
                    code: .serializationFailure,
                    message: "canceling statement due to conflict with recovery", detail: detail),
                origin)
        } else {
            let hint =
                "In a moment you should be able to reconnect to the database and repeat "
                + "your command."
            emit(
                .end(
                    ServerError(
                        severity: .fatal, code: .serializationFailure,
                        message: "terminating connection due to conflict with recovery",
                        detail: detail, hint: hint)))
        }
        return takeActions()
    }
}
