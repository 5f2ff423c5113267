package import WireProtocol

/// The order of messages on an SQL connection: queries, the extended protocol, rows on their way,
/// waits for the log. PostgreSQL: `postgres.c`.
///
/// It is not the connection: it takes messages and gives back what is to be done. It advances in
/// small steps, so that the connection can stop between any two: while the disk works, and while
/// the client does not read.
///
/// - The OK of a commit leaves only when the log is durable up to its COMMIT record.
/// - After an error in the extended protocol, messages are skipped up to Sync.
/// - While it waits for the log it takes no step and no message.
package final class SQLConversation {
    package enum Progress: Hashable, Sendable {
        /// Nothing is under way: the next message may come.
        case idle
        case worked
        /// Something waits for the log.
        case waiting
    }

    /// What waits for the log to be durable.
    private enum Waiting {
        /// What the client hears then.
        case messages([BackendMessage])
        /// A statement that is to be run again.
        case statement(Execution)
    }

    let session: SQLSession
    var actions: [SQLAction] = []
    /// The statements of a query that have not run yet; nil when no query is under way. After the
    /// last of them, and at Sync, ReadyForQuery is due.
    private var statements: ArraySlice<SQLStatement>?
    private var rows: RowStream?
    private var waiting: Waiting?

    /// A client that was let in. Refuses what it says of itself, if that cannot be.
    package init(
        host: any SQLHost, startup: StartupMessage, processID: Int
    ) throws(ServerError) {
        session = SQLSession(
            host: host, user: startup.user, databaseName: startup.database, processID: processID)
        try session.take(startup)
    }

    // MARK: Events

    /// A message that the client sent in its turn. What has no meaning here is dropped, such as the
    /// rest of a COPY that was refused.
    package func received(_ message: FrontendMessage) -> [SQLAction] {
        switch message {
        case .query(let text): query(text)
        case .parse(let parse): self.parse(parse)
        case .bind(let bind): self.bind(bind)
        case .describe(let object): describe(object)
        case .execute(let portal, let maximumRows): execute(portal, maximumRows: maximumRows)
        case .close(let object): close(object)
        case .sync: sync()
        case .flush: actions.append(.flush)
        case .copyData, .copyDone, .copyFail, .sslRequest, .gssencRequest, .cancelRequest,
            .startup, .password, .terminate:
            break
        }
        return takeActions()
    }

    /// Takes one step with what is under way.
    package func step() -> (Progress, [SQLAction]) {
        if waiting != nil { return (.waiting, []) }
        if rows != nil {
            sendRows()
        } else if let statement = statements?.popFirst() {
            run(statement)
        } else if statements != nil {
            statements = nil
            sayReady()
        } else {
            return (.idle, [])
        }
        return (.worked, takeActions())
    }

    /// The log is durable up to where this conversation waited for: now, and only now, the client
    /// hears OK, or its statement is run.
    package func logIsFlushed() -> [SQLAction] {
        switch waiting.take() {
        case nil: break
        case .messages(let messages): say(messages)
        case .statement(let execution):
            do throws(ServerError) {
                try run(execution)
            } catch {
                refuse(error, execution.origin)
            }
        }
        return takeActions()
    }

    /// The log never will be. PostgreSQL would panic; the client never hears OK.
    package func logFlushFailed(_ error: ServerError) -> [SQLAction] {
        waiting == nil ? [] : [.end(error)]
    }

    /// A message could not be read: the query is off.
    package func queryRefused(_ error: ServerError) -> [SQLAction] {
        fail(error)
        return takeActions()
    }

    /// A message of the extended protocol could not be read: all up to Sync is off.
    package func groupRefused(_ error: ServerError) -> [SQLAction] {
        failGroup(error)
        return takeActions()
    }

    /// The node has become a primary; `in_hot_standby` is how libpq routes.
    package func promoted() -> [SQLAction] {
        say(session.takeReports())
        say([ServerGreeting.writing(on: session.host.standing.timeline)])
        actions.append(.flush)
        return takeActions()
    }

    /// The connection is gone.
    package func rollBack() { session.rollBack() }

    private func takeActions() -> [SQLAction] {
        defer { actions = [] }
        return actions
    }

    func say(_ messages: [BackendMessage]) {
        actions += messages.map(SQLAction.send)
    }

    // MARK: Simple query

    private func query(_ text: String) {
        session.prepared.close(.statement(""))
        session.start()
        do throws(SQLSyntaxError) {
            let parsed = try SQLStatement.parse(text)
            if parsed.isEmpty {
                say([.emptyQueryResponse])
                return sync()
            }
            statements = parsed[...]
        } catch {
            fail(error.serverError)
        }
    }

    private func run(_ statement: SQLStatement) {
        session.start()
        do throws(ServerError) {
            let prepared = try session.prepare(statement)
            guard prepared.parameters.isEmpty else {
                throw ServerError(
                    code: .undefinedParameter, message: "there is no parameter $1")
            }
            if prepared.columns != nil { say([prepared.description(formats: [])]) }
            try run(Execution(prepared: prepared, origin: .query(statement)))
        } catch {
            fail(error)
        }
    }

    // MARK: Statements

    /// Runs a statement, or has it wait for the log. (Others may have written behind what it waits
    /// for, and whoever waits does so in order: so it waits for all there is.)
    func run(_ execution: Execution) throws(ServerError) {
        switch try session.run(execution.prepared, execution.values) {
        case .answer(let answer): send(answer, execution)
        case .undecided:
            waiting = .statement(execution)
            actions.append(.awaitFlush(session.host.standing.insertLSN))
        }
    }

    func send(_ answer: SQLAnswer, _ execution: Execution) {
        if let notice = answer.notice { say([.noticeResponse(notice)]) }
        rows = RowStream(answer, execution)
    }

    private func sendRows() {
        guard var rows else { return }
        actions.append(.sendEncoded(rows.nextPiece()))
        self.rows = rows
        if rows.isOver { complete(rows) }
    }

    private func complete(_ rows: RowStream) {
        self.rows = nil
        switch rows.origin {
        case .query(let statement):
            let isLast = statements?.isEmpty ?? true
            end(statement, rows, endsTransaction: isLast)
        case .portal(let name, let limit) where rows.sentCount == limit:
            session.prepared.note(.suspended(rows.unsent), of: name)
            say([.portalSuspended])
        case .portal(let name, _):
            let statement = try? session.prepared.portal(name).prepared.statement
            session.prepared.note(.finished, of: name)
            end(statement, rows, endsTransaction: false)
        }
    }

    /// A statement is done; its transaction as well, if it says so or it was a query's last.
    private func end(_ statement: SQLStatement?, _ rows: RowStream, endsTransaction: Bool) {
        let done = BackendMessage.commandComplete(rows.tag)
        guard endsTransaction || statement.controlsTransaction else { return say([done]) }
        do throws(ServerError) {
            try finishTransaction(then: [done])
        } catch {
            refuse(error, rows.origin)
        }
    }

    /// Commits what no BEGIN opened; the client hears `messages` when that is durable.
    private func finishTransaction(then messages: [BackendMessage]) throws(ServerError) {
        let ending = try session.finish()
        if session.state == .idle { session.prepared.closePortals() }
        guard let ending else { return say(messages) }
        let commit = ending.isCommit ? [ServerGreeting.committed(at: ending.position)] : []
        waiting = .messages(commit + messages)
        actions.append(.awaitFlush(ending.position))
    }

    /// The end of a group, and of the transaction that it was.
    private func sync() {
        statements = []
        do throws(ServerError) {
            try finishTransaction(then: [])
        } catch {
            fail(error)
        }
    }

    /// The client's turn. PostgreSQL tells of changed settings here and nowhere else.
    private func sayReady() {
        say(session.takeReportsOfStatement())
        say([.readyForQuery(session.state)])
        actions.append(.flush)
    }

    // MARK: Errors

    private func refuse(_ error: ServerError, _ origin: Execution.Origin) {
        switch origin {
        case .query: fail(error)
        case .portal: failGroup(error)
        }
    }

    /// A statement of a query failed: the rest of the query is off.
    private func fail(_ error: ServerError) {
        guard error.severity != .fatal else { return actions.append(.end(error)) }
        abandon()
        say([.errorResponse(error)])
        sayReady()
    }

    /// Something in the extended protocol failed: everything up to Sync is off.
    func failGroup(_ error: ServerError) {
        guard error.severity != .fatal else { return actions.append(.end(error)) }
        abandon()
        actions.append(.skipToSync)
        say([.errorResponse(error)])
        actions.append(.flush)
    }

    private func abandon() {
        statements = nil
        rows = nil
        session.statementFailed()
        session.prepared.closePortals()
    }
}
