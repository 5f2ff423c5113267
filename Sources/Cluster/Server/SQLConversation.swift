import Storage
import WALFormat
import WireProtocol

/// The order of messages on an SQL connection: queries, the extended protocol, rows on their way, a
/// commit's wait for the disk. PostgreSQL: `postgres.c`.
///
/// It advances in small steps, so that its backend can stop between any two: while the disk works,
/// and while the client does not read.
///
/// - The OK of a commit leaves only when the log is durable up to its COMMIT record.
/// - After an error in the extended protocol, messages are skipped up to Sync.
final class SQLConversation {
    enum Progress {
        /// Nothing is under way: the next message may come.
        case idle
        case worked
        /// A commit waits for the disk.
        case waiting
    }

    /// Rows on their way to the client.
    private struct Stream {
        enum Origin {
            case query(SQLStatement)
            /// At most this many rows, nil for all.
            case portal(String, limit: Int?)
        }

        let origin: Origin
        var rows: ArraySlice<[SQLDatum]>
        let types: [Column.DataType]
        let formats: [Bool]
        let tag: String
        var sentCount = 0

        /// No rows are left, or as many were sent as were asked for.
        var isOver: Bool {
            guard !rows.isEmpty else { return true }
            if case .portal(_, let limit?) = origin { return sentCount >= limit }
            return false
        }
    }

    let session: SQLSession
    unowned let backend: Backend
    /// The statements of a query that have not run yet; nil when no query is under way. After the
    /// last of them, and at Sync, ReadyForQuery is due.
    private var statements: ArraySlice<SQLStatement>?
    private var stream: Stream?
    /// What the client hears when its commit is durable.
    private var awaited: [BackendMessage]?

    /// Rows are encoded in pieces of about this size.
    private static let pieceByteCount = 1 << 16

    init(_ session: SQLSession, backend: Backend) {
        self.session = session
        self.backend = backend
    }

    /// Takes one step with what is under way.
    func step() -> Progress {
        if awaited != nil { return .waiting }
        if stream != nil {
            sendRows()
        } else if let statement = statements?.popFirst() {
            run(statement)
        } else if statements != nil {
            statements = nil
            sayReady()
        } else {
            return .idle
        }
        return .worked
    }

    // MARK: Simple query

    func query(_ text: String) {
        session.prepared.close(.statement(""))
        session.start()
        do throws(SQLSyntaxError) {
            let parsed = try SQLStatement.parse(text)
            if parsed.isEmpty {
                backend.queue([.emptyQueryResponse])
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
            if prepared.columns != nil { backend.queue([prepared.description(formats: [])]) }
            send(try session.run(prepared), from: .query(statement), formats: [])
        } catch {
            fail(error)
        }
    }

    // MARK: Rows

    private func send(_ answer: SQLAnswer, from origin: Stream.Origin, formats: [Bool]) {
        backend.queue([answer.notice.map(BackendMessage.noticeResponse)])
        stream = Stream(
            origin: origin, rows: answer.rows[...], types: answer.columns?.map(\.type) ?? [],
            formats: formats, tag: answer.tag)
    }

    private func sendRows() {
        guard var stream else { return }
        var piece: [UInt8] = []
        while !stream.isOver, piece.count < Self.pieceByteCount, let row = stream.rows.popFirst() {
            let values = row.indices.map { index in
                row[index].encoded(
                    as: stream.types[index],
                    binary: stream.formats.isEmpty ? false : stream.formats[index])
            }
            piece += BackendMessage.dataRow(values).encoded()
            stream.sentCount += 1
        }
        backend.queue(bytes: piece)
        self.stream = stream
        if stream.isOver { complete(stream) }
    }

    private func complete(_ stream: Stream) {
        self.stream = nil
        let tag = stream.tag == "SELECT" ? "SELECT \(stream.sentCount)" : stream.tag
        switch stream.origin {
        case .query(let statement):
            let isLast = statements?.isEmpty ?? true
            end(statement, tag: tag, endsTransaction: isLast, orElse: fail)
        case .portal(let name, let limit) where stream.sentCount == limit:
            session.prepared.note(.suspended(stream.rows), of: name)
            backend.queue([.portalSuspended])
        case .portal(let name, _):
            let statement = try? session.prepared.portal(name).prepared.statement
            session.prepared.note(.finished, of: name)
            end(statement, tag: tag, endsTransaction: false, orElse: failGroup)
        }
    }

    /// A statement is done; its transaction as well, if it says so or it was a query's last.
    private func end(
        _ statement: SQLStatement?, tag: String, endsTransaction: Bool,
        orElse refuse: (ServerError) -> Void
    ) {
        if endsTransaction || statement.controlsTransaction {
            finishTransaction(then: [.commandComplete(tag)], orElse: refuse)
        } else {
            backend.queue([.commandComplete(tag)])
        }
    }

    /// Commits what no BEGIN opened; the client hears `messages` when that is durable.
    private func finishTransaction(
        then messages: [BackendMessage], orElse refuse: (ServerError) -> Void
    ) {
        do throws(ServerError) {
            let ending = try session.finish()
            if session.state == .idle { session.prepared.closePortals() }
            guard let ending else { return backend.queue(messages) }
            let position = ending.position
            let commit = ending.isCommit ? [ServerGreeting.committed(at: position)] : []
            let messages = commit + messages
            if backend.process.awaitFlush(upTo: position, for: backend) {
                backend.queue(messages)
            } else {
                awaited = messages
            }
        } catch {
            refuse(error)
        }
    }

    /// The commit this connection waits for is durable: now, and only now, the client hears OK.
    func commitIsDurable() {
        guard let messages = awaited else { return }
        awaited = nil
        backend.queue(messages)
    }

    /// The disk failed under a commit. PostgreSQL would panic; the client never hears OK.
    func commitFailed(_ failure: DiskFailure) {
        guard awaited != nil else { return }
        backend.end(
            saying: ServerError(
                severity: .fatal, code: failure.isLackOfRoom ? .diskFull : .ioError,
                message: failure.description))
    }

    // MARK: Errors

    /// A statement of a query failed: the rest of the query is off.
    func fail(_ error: ServerError) {
        guard error.severity != .fatal else { return backend.end(saying: error) }
        abandon()
        backend.queue([.errorResponse(error)])
        sayReady()
    }

    /// Something in the extended protocol failed: everything up to Sync is off.
    func failGroup(_ error: ServerError) {
        guard error.severity != .fatal else { return backend.end(saying: error) }
        abandon()
        backend.decoder.skipToSync()
        backend.queue([.errorResponse(error)])
        backend.flushOutput()
    }

    private func abandon() {
        statements = nil
        stream = nil
        session.statementFailed()
        session.prepared.closePortals()
    }

    // MARK: Extended query

    func parse(_ message: Parse) {
        inGroup { () throws(ServerError) in
            try session.prepared.makeRoom(forStatement: message.statement)
            let prepared = try session.prepare(
                try message.statement(), declared: message.parameterTypes.map(\.declaredType))
            try session.prepared.store(
                prepared, as: message.statement, byteCount: message.query.utf8.count)
            backend.queue([.parseComplete])
        }
    }

    func bind(_ message: Bind) {
        inGroup { () throws(ServerError) in
            let prepared = try session.prepared.statement(message.statement)
            try session.checkNotAborted(prepared.statement)
            let portal = try message.portal(of: prepared)
            try session.prepared.open(portal, as: message.portal)
            backend.queue([.bindComplete])
        }
    }

    func describe(_ object: PreparedObject) {
        inGroup { () throws(ServerError) in
            switch object {
            case .statement(let name):
                let prepared = try session.prepared.statement(name)
                if prepared.columns != nil { try session.checkNotAborted(prepared.statement) }
                backend.queue([
                    .parameterDescription(prepared.parameters.map(\.oid)),
                    prepared.description(formats: []),
                ])
            case .portal(let name):
                let portal = try session.prepared.portal(name)
                backend.queue([portal.prepared.description(formats: portal.formats)])
            }
        }
    }

    func execute(portal name: String, maximumRows: Int32) {
        inGroup { () throws(ServerError) in
            let portal = try session.prepared.portal(name)
            let prepared = portal.prepared
            let limit = maximumRows > 0 ? Int(maximumRows) : nil
            try session.checkNotAborted(prepared.statement)
            var answer = SQLAnswer(columns: prepared.columns, tag: "SELECT")
            switch portal.progress {
            case .ready where prepared.statement == nil:
                return backend.queue([.emptyQueryResponse])
            case .ready: answer = try session.run(prepared, portal.values)
            case .suspended(let rows): answer.rows = Array(rows)
            case .finished where prepared.columns != nil: break
            case .finished:
                throw ServerError(
                    code: .objectNotInPrerequisiteState,
                    message: "portal \"\(name)\" cannot be run")
            }
            send(answer, from: .portal(name, limit: limit), formats: portal.formats)
        }
    }

    func close(_ object: PreparedObject) {
        session.prepared.close(object)
        backend.queue([.closeComplete])
    }

    /// The end of a group, and of the transaction that it was.
    func sync() {
        statements = []
        finishTransaction(then: [], orElse: fail)
    }

    /// The client's turn. PostgreSQL tells of changed settings here and nowhere else.
    private func sayReady() {
        backend.queue(session.settings.takeReports())
        backend.queue([.readyForQuery(session.state)])
        backend.flushOutput()
    }

    private func inGroup(_ body: () throws(ServerError) -> Void) {
        session.start()
        do throws(ServerError) {
            try body()
        } catch {
            failGroup(error)
        }
    }
}
