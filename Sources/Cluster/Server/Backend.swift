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
    enum Mode {
        case greeting
        case sql(SQLSession)
        case sender(WALSender)
        case closed
    }

    let id: Int
    let connection: Connection
    unowned let process: NodeProcess
    var decoder = FrontendDecoder()
    var mode = Mode.greeting
    /// The name the client gave itself.
    private(set) var applicationName = ""
    /// Statements of the present query that have not run yet, and whether one waits for the disk.
    var statements: ArraySlice<SQLStatement> = []
    var awaited: [BackendMessage]?
    var awaitsDisk = false

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

    /// Tells an SQL client of a changed setting.
    func announce(_ messages: [BackendMessage]) {
        switch mode {
        case .sql: send(messages)
        case .greeting, .sender, .closed: break
        }
    }

    /// The server stops. PostgreSQL: `ProcessInterrupts` on SIGTERM.
    func sendAway() {
        send([
            .errorResponse(
                ServerError(
                    severity: .fatal, code: .adminShutdown,
                    message: "terminating connection due to administrator command"))
        ])
        end()
    }

    func end() {
        close()
        process.backendEnded(id)
    }

    func send(_ messages: [BackendMessage]) {
        connection.send(messages.reduce(into: []) { $0 += $1.encoded() })
    }

    // MARK: Messages

    private var isBusy: Bool { awaited != nil || awaitsDisk }

    func drain() {
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

    func answer(_ error: FrameError) {
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

    var transactionState: TransactionState {
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
