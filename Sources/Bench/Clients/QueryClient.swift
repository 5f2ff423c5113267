internal import WireProtocol

/// A blocking client of the simple query protocol, for a node of the lab and for PostgreSQL alike.
final class QueryClient {
    let socket: LoopbackSocket
    private var decoder = BackendDecoder()
    private var scanner = ReplyScanner()
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)

    /// Connects and waits until the server is ready. Servers that want a password are refused.
    init(port: Int, user: String, replication: Bool = false) throws(BenchFailure) {
        socket = try LoopbackSocket(port: port)
        let startup = StartupMessage(
            user: user, database: "postgres", applicationName: "shiplog bench",
            replication: replication)
        try socket.send(FrontendMessage.startup(startup).encoded())
        _ = try messages(until: { $0 == .readyForQuery(.idle) })
    }

    /// The rows of one statement, NULL as nil.
    @discardableResult
    func ask(_ statement: String) throws(BenchFailure) -> [[String?]] {
        try socket.send(FrontendMessage.query(statement).encoded())
        let answer = try messages { message in
            if case .readyForQuery = message { true } else { false }
        }
        return answer.compactMap { message in
            guard case .dataRow(let row) = message else { return nil }
            return row.map { field in field.map { String(decoding: $0, as: UTF8.self) } }
        }
    }

    /// The first field of the first row.
    func value(_ statement: String) throws(BenchFailure) -> String {
        guard let value = try ask(statement).first?.first ?? nil else {
            throw .server("no value to \(statement)")
        }
        return value
    }

    /// Waits for the next answer to a request sent through `socket`, and looks only for its end.
    func awaitReady() throws(BenchFailure) {
        let before = scanner.readyCount
        while scanner.readyCount == before { try receiveSome() }
    }

    /// Answers that have ended since the connection was made.
    var answerCount: Int { scanner.readyCount }

    /// Receives once; says how many answers have ended since the connection was made.
    @discardableResult
    func receiveSome() throws(BenchFailure) -> Int {
        let count = try receive()
        buffer.withUnsafeBytes { scanner.feed(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        guard scanner.errorCount == 0 else { throw .server("an error to the measured statement") }
        return scanner.readyCount
    }

    /// The messages up to the one that is awaited.
    func messages(
        until isLast: (BackendMessage) -> Bool
    ) throws(BenchFailure) -> [BackendMessage] {
        var answer: [BackendMessage] = []
        var failure: ServerError?
        while true {
            while let message = try next() {
                if case .errorResponse(let error) = message { failure = error }
                answer.append(message)
                if isLast(message) || failure?.severity == .fatal {
                    if let failure { throw .server(failure.message) }
                    return answer
                }
            }
            decoder.feed(Array(buffer[..<(try receive())]))
        }
    }

    private func next() throws(BenchFailure) -> BackendMessage? {
        do throws(FrameError) {
            return try decoder.next()
        } catch {
            throw .server("a malformed message: \(error)")
        }
    }

    private func receive() throws(BenchFailure) -> Int {
        let count = try socket.receive(into: &buffer)
        guard count > 0 else { throw .server("the connection was closed") }
        return count
    }
}
