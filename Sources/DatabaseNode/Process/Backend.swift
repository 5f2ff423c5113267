import LabClock
import Network
import Replication
import SQLServer
import Storage
import WALFormat
import WireProtocol

/// A node's side of one connection: an SQL session or a WAL sender. PostgreSQL: a backend.
///
/// - Messages are taken in order, and answered in order.
/// - An outside program that does not read is not answered further, and one that asks for much is
///   served in turns: neither its memory nor its time is taken from the lab.
final class Backend: ConnectionHandler {
    enum Mode {
        case greeting
        /// It has said who it wants to be, and is asked for the password.
        case authenticating(StartupMessage, SCRAMServer, PasswordHash)
        case sql(SQLConversation)
        case sender(ReplicationConversation)
        /// The last words are on their way; what the client still says is dropped.
        case ending
        case closed
    }

    let id: Int
    let connection: Connection
    unowned let process: NodeProcess
    var decoder = FrontendDecoder()
    var mode = Mode.greeting
    /// The name the client gave itself.
    var applicationName = ""
    var user = ""
    /// What a view says of a WAL sender.
    var progress: SenderProgress
    /// A sender waits for a file of its own disk.
    var awaitsDisk = false
    /// Where the base backup under way began.
    var backupStart = LSN.invalid
    /// By when its first word must have come; a sender's own deadline afterwards.
    var deadline: Deadline?
    /// When the statement at hand is over that lasts.
    private var statementDeadline: Deadline?
    /// How long it may take to be let in.
    private(set) var authenticationTimer: OutsideTimer?
    private var outbox: [UInt8] = []
    private var isProceeding = false
    /// It goes on in a later turn of the loop, when the client has read and its turn has come.
    private(set) var yields = false
    /// It is an outside program's turn.
    private var hasTurn = false

    /// The most a client's unread requests may take up before it is made to wait.
    private static let backlogByteCount = 1 << 21
    /// The most an outside program may leave unread before it is not answered further.
    private static let maximumUnreadByteCount = 1 << 18
    /// Messages, statements and pieces of results in one turn.
    private static let stepsInTurn = 64
    /// The same while the lab itself is at work.
    private static let stepsInBusyTurn = 8
    /// PostgreSQL: `PQ_SEND_BUFFER_SIZE`.
    private static let outboxByteCount = 8192

    init(id: Int, connection: Connection, process: NodeProcess) {
        self.id = id
        self.connection = connection
        self.process = process
        progress = SenderProgress(startedAt: LabTime.postgres(process.now))
        process.closeOldestUnauthenticated()
        connection.handler = self
        authenticationTimer = startAuthenticationTimer()
        deadline = startLabAuthenticationDeadline()
    }

    /// What was sent and not taken yet.
    var unreadByteCount: Int { connection.unhandledByteCount }

    /// The replication machine, if this is a replication connection.
    var sender: ReplicationConversation? {
        switch mode {
        case .sender(let sender): sender
        case .greeting, .authenticating, .sql, .ending, .closed: nil
        }
    }

    // MARK: The socket

    func received(_ bytes: [UInt8], on connection: Connection) {
        if case .ending = mode { return }
        decoder.feed(bytes)
        proceed()
    }

    func closed(_ connection: Connection) {
        rollBack()
        mode = .closed
        cancelTimers()
        process.backendEnded(id)
    }

    /// Closes at once. An outside program that has not read what it was sent gets a reset, since
    /// nobody would wait for it.
    func close() {
        rollBack()
        mode = .closed
        cancelTimers()
        flushOutput()
        if !connection.isInternal, unreadByteCount > 0 {
            connection.reset()
        } else {
            connection.close()
        }
    }

    func kill() {
        mode = .closed
        cancelTimers()
        connection.reset()
    }

    private func cancelTimers() {
        deadline?.cancel()
        statementDeadline?.cancel()
        authenticationTimer?.cancel()
    }

    /// Closes when the client has read the last of what it was sent; till then it counts among the
    /// node's connections.
    func end() {
        rollBack()
        flushOutput()
        guard !connection.isInternal, unreadByteCount > 0 else {
            close()
            return process.backendEnded(id)
        }
        mode = .ending
        connection.resume()
        goOnWhenSent()
    }

    func end(saying error: ServerError) {
        queue([.errorResponse(error)])
        end()
    }

    /// Tells an SQL client that the node has become a primary.
    func announcePromotion() {
        guard case .sql(let conversation) = mode else { return }
        perform(conversation.promoted())
    }

    /// The server stops. PostgreSQL: `ProcessInterrupts` on SIGTERM.
    func terminateConnection() {
        end(
            saying: ServerError(
                severity: .fatal, code: .adminShutdown,
                message: "terminating connection due to administrator command"))
    }

    /// Someone asks for an end of what the session does.
    func cancel() {
        guard case .sql(let conversation) = mode else { return }
        perform(conversation.cancelled())
        proceed()
    }

    /// Its snapshot is in the way of replay.
    func conflictsWithRecovery() {
        guard case .sql(let conversation) = mode else { return }
        perform(conversation.conflictsWithRecovery())
        proceed()
    }

    /// The statement at hand goes on until then.
    func wake(at time: PostgresTime) {
        statementDeadline =
            statementDeadline
            ?? Deadline(
                lab: process.lab, owner: "session \(process.name) \(id)",
                suspension: process.suspension
            ) { [weak self] in
                guard let self, case .sql(let conversation) = mode else { return }
                perform(conversation.timeReached(LabTime.postgres(process.now)))
                proceed()
            }
        statementDeadline?.move(to: time)
    }

    private func rollBack() {
        switch mode {
        case .sql(let conversation): conversation.rollBack()
        case .greeting, .authenticating, .sender, .ending, .closed: break
        }
    }

    // MARK: Answers

    /// Puts messages behind those that wait to be sent together.
    func queue(_ messages: [BackendMessage?]) {
        for case let message? in messages { outbox += message.encoded() }
        if outbox.count >= Self.outboxByteCount { flushOutput() }
    }

    func queue(bytes: [UInt8]) {
        outbox += bytes
        if outbox.count >= Self.outboxByteCount { flushOutput() }
    }

    func flushOutput() {
        connection.send(outbox)
        outbox = []
    }

    func send(_ messages: [BackendMessage]) {
        queue(messages)
        flushOutput()
    }

    // MARK: Turns

    /// Goes on with what is under way and with what has arrived, as far as that is possible.
    func proceed() {
        guard !isProceeding, !yields else { return }
        guard connection.isInternal || hasTurn else { return awaitTurn() }
        isProceeding = true
        var steps = 0
        while connection.isOpen, step() {
            steps += 1
            if mustYield(after: steps) {
                yields = true
                break
            }
        }
        isProceeding = false
        if yields { goOnWhenSent() }
        adjustReading()
    }

    /// An outside program waits its turn; if that is not now, it is not read meanwhile.
    private func awaitTurn() {
        yields = true
        process.lab.takeOutsideTurn { [weak self] in
            guard let self else { return }
            yields = false
            hasTurn = true
            proceed()
            hasTurn = false
        }
        if yields { adjustReading() }
    }

    private func mustYield(after steps: Int) -> Bool {
        guard !connection.isInternal, connection.isOpen, !isOnItsWayOut else { return false }
        // A WAL sender's stream has a bound of its own.
        let stream = sender == nil ? 0 : WALSender.readByteCount
        return steps >= (process.lab.isBusy ? Self.stepsInBusyTurn : Self.stepsInTurn)
            || unreadByteCount > Self.maximumUnreadByteCount + stream
    }

    func goOnWhenSent() {
        connection.whenSent { [weak self] in self?.everythingIsSent() }
    }

    private func everythingIsSent() {
        switch mode {
        case .greeting, .authenticating, .sql, .sender:
            yields = false
            proceed()
        case .ending:
            close()
            process.backendEnded(id)
        case .closed: break
        }
    }

    private var isOnItsWayOut: Bool {
        switch mode {
        case .ending, .closed: true
        case .greeting, .authenticating, .sql, .sender: false
        }
    }

    /// Reads no more than it can keep.
    private func adjustReading() {
        if isOnItsWayOut { return }
        if yields || decoder.bufferedByteCount > Self.backlogByteCount {
            connection.pause()
        } else {
            connection.resume()
        }
    }

    /// Does one thing; false if there is none to do now.
    private func step() -> Bool {
        if awaitsDisk || sender?.isBusy ?? false { return false }
        switch mode {
        case .ending, .closed: return false
        case .greeting, .authenticating, .sender: break
        case .sql(let conversation):
            let (progress, actions) = conversation.step()
            perform(actions)
            switch progress {
            case .idle: break
            case .worked: return true
            case .waiting: return false
            }
        }
        do throws(FrameError) {
            guard let message = try decoder.next() else { return false }
            take(message)
        } catch {
            answer(error)
        }
        return true
    }

    func answer(_ error: FrameError) {
        switch (error.answer, mode) {
        // PostgreSQL takes an answer that is too long for a wrong one.
        case (.close, .authenticating(_, let exchange, _)): end(saying: exchange.wrongPassword)
        case (.close, .sql(let conversation)): perform(conversation.ended(saying: nil))
        case (.close, _): end()
        case (.fatal(let error), .sql(let conversation)): perform(conversation.ended(saying: error))
        case (.fatal(let error), _): end(saying: error)
        case (.error(let error, then: .readyForQuery), .sql(let conversation)):
            perform(conversation.queryRefused(error))
        case (.error(let error, then: .skipToSync), .sql(let conversation)):
            perform(conversation.groupRefused(error))
        case (.error(let error, then: .readyForQuery), _):
            send([.errorResponse(error), .readyForQuery(.idle)])
        case (.error(let error, then: .skipToSync), _):
            send([.errorResponse(error)])
        }
    }
}
