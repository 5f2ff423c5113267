public import WALFormat
public import WireProtocol

/// The client's side of a rewind: asks a running server for pieces of its files, by SQL. Pure: the
/// shell connects, and does something with what is answered. PostgreSQL: `libpq_source.c`.
///
/// - Questions are sent as they are asked, and answered in their order; the server works on one
///   after the other, so many may be on their way at once.
/// - It ends with `.failed`, or when the shell hangs up; what is said then counts for nothing.
/// - A server that says nothing for `timeout` while a question is open is given up.
public struct SourceReader: Hashable, Sendable {
    /// What may be asked.
    public enum Question: Hashable, Sendable {
        /// A piece of a file; the answer is as much of it as there is, or nothing without the file.
        case file(path: String, from: Int, byteCount: Int)
        /// How far a standby has replayed; nothing on a primary.
        case replayed
        /// How far a primary's log is durable.
        case flushed

        var sql: String {
            switch self {
            case .file(let path, let offset, let byteCount):
                "SELECT pg_read_binary_file('\(path.escapedForSQL)', \(offset), \(byteCount), true)"
            case .replayed: "SELECT pg_last_wal_replay_lsn()"
            case .flushed: "SELECT pg_current_wal_flush_lsn()"
            }
        }
    }

    /// What the shell has to do.
    public enum Action: Hashable, Sendable {
        /// Connect to the server. Answer with `dialled` or `connectionClosed`.
        case dial
        /// Send a message.
        case send(FrontendMessage)
        /// The server takes questions from now on.
        case ready
        /// The oldest question's answer.
        case answered(Question, Answer)
        /// There will be no further answers; hang up.
        case failed(BackupReceiver.Failure)
    }

    /// What the server has answered.
    public enum Answer: Hashable, Sendable {
        case nothing
        case bytes([UInt8])
        case position(LSN)
    }

    private enum Phase: Hashable {
        case idle
        case dialling
        case greeting
        case asking(PartialAnswer)
        case over
    }

    private let name: String
    private let timeout: Duration
    private var phase = Phase.idle
    private var open: [Question] = []
    private var silence = Silence(since: PostgresTime(microseconds: .min))

    /// - Parameters:
    ///   - name: what it calls itself.
    ///   - timeout: `wal_receiver_timeout`; zero: never.
    public init(name: String, timeout: Duration) {
        self.name = name
        self.timeout = timeout
    }

    /// Begin.
    public mutating func connect(now: PostgresTime) -> [Action] {
        guard phase == .idle else { return [] }
        phase = .dialling
        silence = Silence(since: now)
        return [.dial]
    }

    /// The server accepted the connection.
    public mutating func dialled(now: PostgresTime) -> [Action] {
        guard phase == .dialling else { return [] }
        phase = .greeting
        silence.received(at: now)
        return [.send(.startup(StartupMessage(user: WALReceiver.user, applicationName: name)))]
    }

    /// Ask something; only when the server is ready.
    public mutating func ask(_ question: Question, now: PostgresTime) -> [Action] {
        guard case .asking = phase else { return [] }
        if open.isEmpty { silence = Silence(since: now) }
        open.append(question)
        return [.send(.query(question.sql))]
    }

    /// A message arrived.
    public mutating func received(_ message: BackendMessage, now: PostgresTime) -> [Action] {
        silence.received(at: now)
        switch (phase, message) {
        case (.idle, _), (.dialling, _), (.over, _), (_, .parameterStatus), (_, .noticeResponse):
            return []
        case (_, .errorResponse(let error)):
            return fail(.refused(error))
        case (.greeting, .readyForQuery):
            phase = .asking(PartialAnswer())
            return [.ready]
        case (.greeting, _):
            return []
        case (.asking(let answer), _):
            switch answer.received(message) {
            case .incomplete(let longer):
                phase = .asking(longer)
                return []
            case .finished(let results): return take(results)
            case .streaming, .tooLong:
                return fail(.protocolViolation("an answer that does not fit"))
            }
        }
    }

    private mutating func take(_ results: [ResultSet]) -> [Action] {
        guard let question = open.first, results.count == 1, results[0].rows.count == 1,
            results[0].rows[0].count == 1
        else { return fail(.protocolViolation("an answer that does not fit")) }
        open.removeFirst()
        phase = .asking(PartialAnswer())
        guard let value = results[0].rows[0][0] else { return [.answered(question, .nothing)] }
        switch question {
        case .file(_, _, let byteCount):
            guard let bytes = [UInt8](hexText: value), bytes.count <= byteCount else {
                return fail(.protocolViolation("a file that is none"))
            }
            return [.answered(question, .bytes(bytes))]
        case .replayed, .flushed:
            guard let lsn = LSN(String(decoding: value, as: UTF8.self)) else {
                return fail(.protocolViolation("a position that is none"))
            }
            return [.answered(question, .position(lsn))]
        }
    }

    /// The connection is gone, or was refused.
    public mutating func connectionClosed() -> [Action] {
        switch phase {
        case .idle, .over: []
        case .dialling: fail(.unreachable)
        case .greeting, .asking: fail(.connectionLost)
        }
    }

    /// What arrived is no message.
    public mutating func framesBroken(_ reason: String) -> [Action] {
        phase == .over ? [] : fail(.protocolViolation(reason))
    }

    /// When `deadlineReached` should be called at the latest; nil if never.
    public var nextDeadline: PostgresTime? {
        switch phase {
        case .idle, .over: nil
        case .asking where open.isEmpty: nil
        case .dialling, .greeting, .asking: silence.nextDeadline(timeout: timeout, asks: false)
        }
    }

    /// Time has come to `now`. Does nothing if nothing is due.
    public mutating func deadlineReached(now: PostgresTime) -> [Action] {
        guard nextDeadline != nil,
            silence.due(at: now, timeout: timeout, asks: false) == .giveUp
        else { return [] }
        return fail(.timedOut(after: timeout))
    }

    private mutating func fail(_ failure: BackupReceiver.Failure) -> [Action] {
        phase = .over
        open = []
        return [.failed(failure)]
    }
}

extension [UInt8] {
    /// The bytes of a `bytea` in text format.
    init?(hexText: [UInt8]) {
        guard hexText.count >= 2, hexText.count % 2 == 0, hexText[0] == UInt8(ascii: "\\"),
            hexText[1] == UInt8(ascii: "x")
        else { return nil }
        self = []
        reserveCapacity(hexText.count / 2 - 1)
        for index in stride(from: 2, to: hexText.count, by: 2) {
            guard let high = hexText[index].hexDigit, let low = hexText[index + 1].hexDigit
            else { return nil }
            append(high << 4 | low)
        }
    }
}

extension UInt8 {
    fileprivate var hexDigit: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x61...0x66: self - 0x61 + 10
        default: nil
        }
    }
}

extension String {
    fileprivate var escapedForSQL: String {
        String(flatMap { $0 == "'" ? ["'", "'"] : [$0] })
    }
}
