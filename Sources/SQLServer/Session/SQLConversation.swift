package import WALFormat
package import WireProtocol

/// The order of messages on an SQL connection: queries, the extended protocol, rows on their way,
/// waits for the log. PostgreSQL: `postgres.c`.
///
/// It is not the connection: it takes messages and gives back what is to be done. It advances in
/// small steps, so that the connection can stop between any two: while the disk works, and while
/// the client does not read.
///
/// - The OK of a commit leaves only when the log is durable up to its COMMIT record. Meanwhile
///   changes that the client sent behind it are made, so that they share its fdatasync; their
///   answers are held, each in its place.
/// - A statement whose answer depends on a commit that is not durable stops it: a read behind one's
///   own commits, which must see them, an INSERT of a key that may be taken. So do too many commits
///   and too long answers. Stopped, it takes no step and no message.
/// - A statement that goes on for some time takes no step meanwhile; it can be cancelled.
/// - After an error in the extended protocol, messages are skipped up to Sync.
package final class SQLConversation {
    package enum Progress: Hashable, Sendable {
        /// Nothing is under way: the next message may come.
        case idle
        case worked
        /// It goes on when the log is durable further than now, or when time has passed.
        case waiting
    }

    let session: SQLSession
    private var actions: [SQLAction] = []
    /// What is said behind commits that are not durable.
    private var held = HeldAnswers()
    /// A statement that is run when nothing is held.
    private var stopped: Execution?
    /// A statement that has run and goes on for some time.
    var lasting: LastingStatement?
    /// The statements of a query that have not run yet; nil when no query is under way. After the
    /// last of them, and at Sync, ReadyForQuery is due.
    private var statements: ArraySlice<SQLStatement>?
    private var rows: RowStream?

    /// A client that was let in. Refuses what it says of itself, if that cannot be.
    /// - Parameter tellsOfCommits: its commits are told of with what they change.
    package init(
        host: any SQLHost, startup: StartupMessage, processID: Int, tellsOfCommits: Bool = false
    ) throws(ServerError) {
        session = SQLSession(
            host: host, user: startup.user, databaseName: startup.database, processID: processID,
            keepsChanges: tellsOfCommits)
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
        case .flush: emit(.flush)
        case .terminate: emit(.end(nil))
        case .copyData, .copyDone, .copyFail, .sslRequest, .gssencRequest, .cancelRequest,
            .startup, .password:
            break
        }
        return takeActions()
    }

    /// Takes one step with what is under way.
    package func step() -> (Progress, [SQLAction]) {
        if rows != nil {
            sendRows()
        } else if stopped != nil || lasting != nil || held.endsConnection {
            return (.waiting, [])
        } else if let left = statements, left.isEmpty {
            statements = nil
            sayReady()
        } else if held.isFull {
            return (.waiting, [])
        } else if let statement = statements?.popFirst() {
            run(statement)
        } else {
            return (.idle, [])
        }
        return (.worked, takeActions())
    }

    /// The log is durable up to `position`: now, and only now, the client hears what was said
    /// behind commits up to there.
    package func logIsFlushed(upTo position: LSN) -> [SQLAction] {
        actions += held.letGo(upTo: position)
        if held.isEmpty, let execution = stopped.take() {
            do throws(ServerError) {
                try run(execution)
            } catch {
                refuse(error, execution.origin)
            }
        }
        return takeActions()
    }

    /// The log never will be. PostgreSQL would panic; the client hears no OK of what it waits for.
    package func logFlushFailed(_ error: ServerError) -> [SQLAction] {
        guard !held.isEmpty else { return [] }
        held.drop()
        stopped = nil
        return [.end(error)]
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

    /// What the client sent cannot be read on: the connection ends behind what is held.
    package func ended(saying error: ServerError?) -> [SQLAction] {
        emit(.end(error))
        return takeActions()
    }

    /// The node has become a primary; `in_hot_standby` is how libpq routes.
    package func promoted() -> [SQLAction] {
        say(session.takeReports())
        emit(.flush)
        return takeActions()
    }

    /// The connection is gone.
    package func rollBack() { session.rollBack() }

    /// Where the statement that is under way came from; nil: none is.
    var underWay: Execution.Origin? {
        lasting?.origin ?? stopped?.origin ?? rows?.origin
            ?? statements?.first.map { .query($0) }
    }

    func takeActions() -> [SQLAction] {
        defer { actions = [] }
        return actions
    }

    func say(_ messages: [BackendMessage]) {
        for message in messages { emit(.send(message)) }
    }

    func emit(_ action: SQLAction) {
        if let action = held.pass(action) { actions.append(action) }
    }

    /// What is said from now on waits for the log up to `position`.
    private func awaitLog(upTo position: LSN) {
        held.await(position)
        actions.append(.awaitFlush(position))
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
        guard held.isEmpty || !execution.prepared.readsWhatIsDurable else {
            return stopped = execution
        }
        switch try session.run(execution.prepared, execution.values) {
        case .answer(let answer): goOn(with: answer, execution)
        case .bulk(let change): begin(change, execution)
        case .undecided:
            stopped = execution
            awaitLog(upTo: session.host.standing.insertLSN)
        }
    }

    func send(_ answer: SQLAnswer, _ execution: Execution) {
        if let notice = answer.notice { say([.noticeResponse(notice)]) }
        rows = RowStream(answer, execution)
    }

    private func sendRows() {
        guard var rows else { return }
        emit(.sendEncoded(rows.nextPiece()))
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
        awaitLog(upTo: ending.position)
        if !ending.changes.isEmpty { emit(.tellOfCommit(ending.position, ending.changes)) }
        if ending.isCommit {
            let position = LogPosition(session.host.standing.timeline, ending.position)
            say([ServerGreeting.committed(at: position)])
        }
        say(messages)
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
        emit(.flush)
    }

    // MARK: Errors

    func refuse(_ error: ServerError, _ origin: Execution.Origin) {
        switch origin {
        case .query: fail(error)
        case .portal: failGroup(error)
        }
    }

    /// A statement of a query failed: the rest of the query is off.
    private func fail(_ error: ServerError) {
        guard error.severity != .fatal else { return emit(.end(error)) }
        abandon()
        say([.errorResponse(error)])
        sayReady()
    }

    /// Something in the extended protocol failed: everything up to Sync is off.
    func failGroup(_ error: ServerError) {
        guard error.severity != .fatal else { return emit(.end(error)) }
        abandon()
        actions.append(.skipToSync)
        say([.errorResponse(error)])
        emit(.flush)
    }

    private func abandon() {
        statements = nil
        rows = nil
        stopped = nil
        lasting = nil
        session.statementFailed()
        session.prepared.closePortals()
    }
}
