import Network
import WALFormat
import WireProtocol

/// The lab's own client of one node: a connection like any program's, over a link of its own.
///
/// It believes only bytes: an answer is what arrived, and a query whose connection went away
/// before its answer has none.
///
/// - Queries go out as they are asked; answers come back in the same order.
/// - It connects when there is something to ask, and again after a loss.
final class LabClient: ConnectionHandler {
    /// What became of a query.
    enum Answer {
        /// Results, and the error that stopped the rest; the position is that of the last commit.
        case answered([ResultSet], error: ServerError?, commit: LogPosition?)
        /// The connection was refused, or went away first. What was not sent by then was never
        /// executed.
        case lost(wasSent: Bool)
    }

    private enum Phase {
        case idle
        case connecting
        case ready
    }

    private struct Query {
        let text: String
        /// It may take long, and be cancelled.
        let isLong: Bool
        /// That was asked for, once.
        var isCancelled = false
        let done: (Answer) -> Void
    }

    /// Called when a connection is up.
    var connectionMade: () -> Void = {}
    /// Called when a connection that was up is gone.
    var connectionLost: () -> Void = {}

    private let lab: LabLoop
    private let port: () -> Int?
    private var phase = Phase.idle
    private var connection: Connection?
    private var decoder = BackendDecoder()
    private var collector = ReplyCollector()
    /// What was asked and is not answered, in order.
    private var unanswered: [Query] = []
    /// So many of them, the first, are on the wire.
    private var sentCount = 0
    private var isGathering = false
    private var commit: LogPosition?
    /// What cancels its query, by the server's word.
    private var cancellation: FrontendMessage?
    /// The connection that a cancel request has gone over.
    private var canceller: Connection?

    init(lab: LabLoop, port: @escaping () -> Int?) {
        self.lab = lab
        self.port = port
    }

    /// Asks; `done` is called once, on the loop.
    func query(_ text: String, isLong: Bool = false, done: @escaping (Answer) -> Void) {
        unanswered.append(Query(text: text, isLong: isLong, done: done))
        step()
    }

    /// Asks the server to cancel the query that is under way, if that is one that takes long. It is
    /// answered all the same. PostgreSQL: `PQcancel`.
    func cancelLongQuery() {
        guard sentCount > 0, let query = unanswered.first, query.isLong, !query.isCancelled,
            let cancellation, let port = port()
        else { return }
        unanswered[0].isCancelled = true
        lab.dial(port: port) { [weak self] connection in
            guard let self, let connection else { return }
            canceller = connection
            connection.handler = self
            connection.send(cancellation.encoded())
        }
    }

    /// What `body` asks goes out in one go.
    func together<Failure>(_ body: () throws(Failure) -> Void) throws(Failure) {
        isGathering = true
        defer {
            isGathering = false
            step()
        }
        try body()
    }

    /// Hangs up: the node's process is gone, or the lab ends.
    func close() {
        connection?.close()
        lose()
    }

    private func step() {
        switch phase {
        case .connecting: break
        case .idle: connect()
        case .ready: ask()
        }
    }

    private func connect() {
        guard !unanswered.isEmpty else { return }
        guard let port = port() else { return lose() }
        phase = .connecting
        decoder = BackendDecoder()
        collector = ReplyCollector()
        lab.dial(port: port) { [weak self] connection in
            guard let self, let connection else {
                self?.lose()
                return
            }
            self.connection = connection
            connection.handler = self
            let startup = StartupMessage(
                user: "shiplog", database: "shiplog", applicationName: "client")
            connection.send(FrontendMessage.startup(startup).encoded())
        }
    }

    private func ask() {
        guard !isGathering else { return }
        let bytes = unanswered[sentCount...].flatMap { FrontendMessage.query($0.text).encoded() }
        sentCount = unanswered.count
        connection?.send(bytes)
    }

    // MARK: The socket

    func received(_ bytes: [UInt8], on connection: Connection) {
        guard connection === self.connection else { return }
        decoder.feed(bytes)
        do throws(FrameError) {
            while let message = try decoder.next() { take(message) }
        } catch {
            connection.reset()
            lose()
        }
    }

    func closed(_ connection: Connection) {
        if connection === canceller { canceller = nil }
        guard connection === self.connection else { return }
        lose()
    }

    private func take(_ message: BackendMessage) {
        if case .parameterStatus(let name, let value) = message { note(name, value) }
        if case .backendKeyData(let processID, let secretKey) = message {
            cancellation = .cancelRequest(processID: processID, secretKey: secretKey)
        }
        guard let outcome = collector.received(message) else { return }
        switch outcome {
        case .finished(let results, let error, _):
            switch phase {
            case .connecting:
                phase = .ready
                connectionMade()
                step()
            case .ready where sentCount > 0: finish(results, error)
            case .idle, .ready: break
            }
        case .streaming:
            connection?.reset()
            lose()
        }
    }

    private func note(_ name: String, _ value: String) {
        switch name {
        case ReportedParameter.commit: commit = ReportedParameter.position(value)
        default: break
        }
    }

    private func finish(_ results: [ResultSet], _ error: ServerError?) {
        let query = unanswered.removeFirst()
        sentCount -= 1
        let position = commit
        commit = nil
        query.done(.answered(results, error: error, commit: position))
    }

    /// The connection is gone, and with it the answers to what was asked or waits.
    private func lose() {
        let wasConnected = connection != nil
        connection = nil
        phase = .idle
        let (lost, sent) = (unanswered, sentCount)
        (unanswered, sentCount, commit) = ([], 0, nil)
        if wasConnected { connectionLost() }
        for (number, query) in lost.enumerated() { query.done(.lost(wasSent: number < sent)) }
    }
}
