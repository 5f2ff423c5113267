import Network
import Replication
import Storage
import WALFormat
import WireProtocol

/// A node's side of one connection: an SQL session or a WAL sender. PostgreSQL: a backend.
///
/// One message at a time: while a commit waits for the disk, what follows it on the connection
/// waits too.
final class Backend: ConnectionHandler {
    private enum Mode {
        case greeting
        case sql(SQLSession)
        case sender(WALSender)
        case closed
    }

    let id: Int
    private let connection: Connection
    private unowned let process: NodeProcess
    private var decoder = FrontendDecoder()
    private var mode = Mode.greeting
    /// The name the client gave itself.
    private(set) var applicationName = ""
    /// Statements of the present query that have not run yet, and whether one waits for the disk.
    private var statements: ArraySlice<SQLStatement> = []
    private var awaited: [BackendMessage]?
    private var awaitsDisk = false

    /// The most a client's unread requests may take up before it is made to wait.
    private static let backlogByteCount = 1 << 21

    init(id: Int, connection: Connection, process: NodeProcess) {
        self.id = id
        self.connection = connection
        self.process = process
        connection.handler = self
    }

    /// The replication machine, if this is a replication connection.
    var sender: WALSender? {
        switch mode {
        case .sender(let sender): sender
        case .greeting, .sql, .closed: nil
        }
    }

    // MARK: The socket

    func received(_ bytes: [UInt8], on connection: Connection) {
        decoder.feed(bytes)
        drain()
        if decoder.bufferedByteCount > Self.backlogByteCount { connection.pause() }
    }

    func closed(_ connection: Connection) {
        rollBack()
        mode = .closed
        process.backendEnded(id)
    }

    func close() {
        rollBack()
        mode = .closed
        connection.close()
    }

    func kill() {
        mode = .closed
        connection.reset()
    }

    private func end() {
        close()
        process.backendEnded(id)
    }

    private func send(_ messages: [BackendMessage]) {
        connection.send(messages.reduce(into: []) { $0 += $1.encoded() })
    }

    // MARK: Messages

    private var isBusy: Bool { awaited != nil || awaitsDisk }

    private func drain() {
        while !isBusy, connection.isOpen {
            do throws(FrameError) {
                guard let message = try decoder.next() else { break }
                handle(message)
            } catch {
                answer(error)
            }
        }
        if decoder.bufferedByteCount <= Self.backlogByteCount { connection.resume() }
    }

    private func answer(_ error: FrameError) {
        switch error.answer {
        case .close:
            end()
        case .fatal(let fatal):
            send([.errorResponse(fatal)])
            end()
        case .error(let error, then: .readyForQuery):
            send([.errorResponse(error), .readyForQuery(transactionState)])
        case .error(let error, then: .skipToSync):
            send([.errorResponse(error)])
        }
    }

    private func handle(_ message: FrontendMessage) {
        switch message {
        case .sslRequest, .gssencRequest: send([.encryptionAnswer(.refused)])
        case .cancelRequest, .terminate: end()
        case .startup(let startup): begin(startup)
        case .query(let text): query(text)
        case .copyData(let payload): copyData(payload)
        case .copyDone: act { $0.copyDoneReceived() }
        case .sync: send([.readyForQuery(transactionState)])
        case .flush, .copyFail: break
        case .password, .parse, .bind, .describe, .execute, .close: refuseExtended()
        }
    }

    private func begin(_ startup: StartupMessage) {
        applicationName = startup.applicationName
        decoder.enter(.commands)
        switch startup.mode {
        case .sql: mode = .sql(SQLSession(process: process))
        case .physicalReplication, .logicalReplication: mode = .sender(WALSender())
        }
        let greeting = ServerGreeting(
            applicationName: applicationName, isInRecovery: process.standby != nil,
            timeline: process.database.timeline, processID: Int32(id))
        send((startup.negotiation.map { [$0] } ?? []) + greeting.messages)
    }

    private func refuseExtended() {
        send([
            .errorResponse(
                ServerError(
                    code: .featureNotSupported,
                    message: "the extended query protocol is not supported by this lab",
                    hint: "Send simple queries."))
        ])
    }

    private var transactionState: TransactionState {
        switch mode {
        case .sql(let session): session.state
        case .greeting, .sender, .closed: .idle
        }
    }

    private func rollBack() {
        switch mode {
        case .sql(let session): session.rollBack()
        case .greeting, .sender, .closed: break
        }
    }
}

// SQL: the statements of a query, one after the other.
extension Backend {
    private func query(_ text: String) {
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

// Replication: carrying out what the sender asks for.
extension Backend {
    private func replicationCommand(_ text: String) {
        do throws(SQLSyntaxError) {
            let command = try ReplicationCommand.parse(text)
            act { $0.commandReceived(command, server: process.server) }
        } catch {
            send([.errorResponse(error.serverError), .readyForQuery(.idle)])
        }
    }

    private func copyData(_ payload: [UInt8]) {
        do throws(FrameError) {
            let message = try ReplicationMessage(decoding: payload)
            act { $0.copyDataReceived(message, server: process.server) }
        } catch {
            answer(error)
        }
    }

    /// Sends what is flushed and has room; says whether there was anything to do.
    func pump() -> Bool {
        let room = WALSender.readByteCount - connection.unhandledByteCount
        var worked = false
        act { sender in
            let actions = sender.pump(server: process.server, room: room)
            worked = !actions.isEmpty
            return actions
        }
        return worked
    }

    func serverStops() {
        act { $0.serverStops(server: process.server) }
    }

    /// Whether this client has nothing left to confirm. SQL clients are just cut off.
    var isDrained: Bool { sender?.isFinished ?? true }

    private func act(_ event: (inout WALSender) -> [WALSender.Action]) {
        guard case .sender(var sender) = mode else { return }
        let actions = event(&sender)
        mode = .sender(sender)
        for action in actions { perform(action) }
    }

    private func perform(_ action: WALSender.Action) {
        switch action {
        case .send(let message): send([message])
        case .sendWAL(let data): connection.send(ReplicationMessage.xLogData(data).framed())
        case .sendKeepalive(let keepalive):
            connection.send(ReplicationMessage.keepalive(keepalive).framed())
        case .readWAL(let start, let end): readWAL(from: start, upTo: end)
        case .readHistory(let timeline): readHistory(timeline)
        case .enterCopyBoth: decoder.enter(.copyingBoth)
        case .leaveCopyBoth: decoder.enter(.commands)
        case .close: end()
        }
    }

    private func readWAL(from start: LSN, upTo end: LSN) {
        let timeline = process.database.timeline
        process.disk.submit(.readWAL(timeline, from: start, upTo: end)) { [weak self] result in
            guard let self, connection.isOpen else { return }
            act { sender in
                switch result {
                case .wal(let lsn, let bytes):
                    sender.walRead(at: lsn, bytes, server: process.server)
                case .failed(let failure):
                    sender.readFailed(failure.serverError)
                case .done, .walWritten, .walFlushed, .history, .segmentsRemoved, .oldestWAL:
                    preconditionFailure("readWAL answered \(result)")
                }
            }
        }
    }

    private func readHistory(_ timeline: Timeline) {
        awaitsDisk = true
        process.disk.submit(.readHistory(timeline)) { [weak self] result in
            guard let self, connection.isOpen else { return }
            awaitsDisk = false
            act { sender in
                if case .history(let history) = result {
                    return sender.historyRead(timeline, history)
                }
                return sender.historyRead(timeline, nil)
            }
            drain()
        }
    }
}

extension DiskFailure {
    /// The failure as a client is told.
    var serverError: ServerError {
        switch self {
        case .segmentRemoved:
            ServerError(code: .undefinedFile, message: description)
        case .io(let failure) where failure.kind == .noSpace:
            ServerError(code: .diskFull, message: description)
        case .io, .refused, .gap, .shortSegment, .unknownTimeline, .badHistory, .badRange,
            .abandoned:
            ServerError(code: .ioError, message: description)
        }
    }
}
