package import WALFormat
package import WireProtocol

/// A statement that is not over when it has been run.
enum LastingStatement {
    /// It has its rows, and goes on until then: `pg_sleep` stands in it.
    case pausing(SQLAnswer, Execution, until: PostgresTime)
    /// It changes many rows.
    case changing(BulkChange, Execution)
    /// It is run again when it has read this.
    case reading(FilePiece, Execution)

    var origin: Execution.Origin {
        switch self {
        case .pausing(_, let execution, _), .changing(_, let execution),
            .reading(_, let execution):
            execution.origin
        }
    }
}

// Statements that take time, and what puts an end to them.
extension SQLConversation {
    func goOn(with answer: SQLAnswer, _ execution: Execution) {
        if let piece = session.takeWantedFile() {
            lasting = .reading(piece, execution)
            return emit(.readFile(piece))
        }
        let pause = session.takePause()
        guard pause > .zero else { return send(answer, execution) }
        let microseconds = Int64(pause / .microseconds(1))
        let end = PostgresTime(microseconds: session.host.now.microseconds + microseconds)
        lasting = .pausing(answer, execution, until: end)
        emit(.wake(at: end))
    }

    func begin(_ change: BulkChange, _ execution: Execution) {
        lasting = .changing(change, execution)
        emit(.wake(at: session.host.now))
    }

    /// Time has come to `now`. Does nothing if nothing is due.
    package func timeReached(_ now: PostgresTime) -> [SQLAction] {
        switch lasting {
        case .pausing(let answer, let execution, let end):
            guard now >= end else { return [.wake(at: end)] }
            lasting = nil
            session.pauseEnded()
            send(answer, execution)
        case .changing(let change, let execution): goOn(change, execution, now: now)
        case .reading, nil: break
        }
        return takeActions()
    }

    /// A piece of a file was read, nil if there is no such file; or the disk failed. Nobody may
    /// wait for it any more.
    package func fileRead(
        _ piece: FilePiece, _ result: Result<[UInt8]?, ServerError>
    ) -> [SQLAction] {
        guard case .reading(piece, let execution) = lasting else { return [] }
        lasting = nil
        do throws(ServerError) {
            session.hasRead(try result.get(), of: piece)
            try run(execution)
        } catch {
            refuse(error, execution.origin)
        }
        return takeActions()
    }

    /// Changes the next rows. The log is written and shipped before those behind them have their
    /// turn.
    private func goOn(_ change: BulkChange, _ execution: Execution, now: PostgresTime) {
        var change = change
        do throws(ServerError) {
            try session.apply(change.nextPiece())
        } catch {
            return refuse(error, execution.origin)
        }
        if change.isDone {
            lasting = nil
            send(SQLAnswer(tag: change.tag), execution)
        } else {
            lasting = .changing(change, execution)
            emit(.wake(at: now))
        }
    }

    /// How many rows the statement at hand has changed, of how many; nil: it is none of that kind.
    /// PostgreSQL has such views for some commands, `pg_stat_progress_vacuum`.
    package var progress: (done: Int, all: Int)? {
        guard case .changing(let change, _) = lasting else { return nil }
        return (change.doneCount, change.count)
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
