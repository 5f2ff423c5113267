import Storage
import WALFormat
import WireProtocol

// SQL: the statements of a query, one after the other.
extension Backend {
    func query(_ text: String) {
        switch mode {
        case .sql:
            do throws(SQLSyntaxError) {
                let parsed = try SQLStatement.parse(text)
                guard !parsed.isEmpty else {
                    return send([.emptyQueryResponse, .readyForQuery(transactionState)])
                }
                statements = parsed[...]
                runStatements()
            } catch {
                failQuery(error.serverError)
            }
        case .sender:
            replicationCommand(text)
        case .greeting, .closed:
            break
        }
    }

    private func runStatements() {
        guard case .sql(let session) = mode else { return }
        while let statement = statements.popFirst() {
            switch session.execute(statement) {
            case .done(let messages):
                send(messages)
            case .failed(let error):
                return failQuery(error)
            case .committed(let lsn, let messages):
                if process.awaitFlush(upTo: lsn, for: self) {
                    send(messages)
                } else {
                    awaited = messages
                    return
                }
            }
        }
        send([.readyForQuery(session.state)])
    }

    private func failQuery(_ error: ServerError) {
        statements = []
        if case .sql(let session) = mode { session.statementFailed() }
        send([.errorResponse(error), .readyForQuery(transactionState)])
    }

    /// The commit this connection waits for is durable: now, and only now, the client hears OK.
    func commitIsDurable() {
        guard let messages = awaited else { return }
        awaited = nil
        send(messages)
        runStatements()
        drain()
    }

    /// The disk failed under a commit. PostgreSQL would panic; the client never hears OK.
    func commitFailed(_ failure: DiskFailure) {
        guard awaited != nil else { return }
        awaited = nil
        statements = []
        send([
            .errorResponse(
                ServerError(severity: .fatal, code: .ioError, message: failure.description))
        ])
        end()
    }
}
