public import WALFormat
public import WireProtocol

/// The questions of a reader that has no log of its own: which cluster is it, how large are its
/// segments, how far is it, and on which timeline is the place where reading shall begin? A
/// `WALReceiver` takes over from there, on a connection of its own. Pure.
///
/// PostgreSQL: what `pg_receivewal` asks before it streams (`RunIdentifySystem`,
/// `RetrieveWalSegSize`, `GetSlotInformation`).
///
/// - It ends once, with `.ended`; what the connection says afterwards counts for nothing.
/// - It ends well only when the server has closed: its WAL sender is free again by then.
/// - It cannot prove itself: a server that asks for a password is one it cannot read.
public struct UpstreamSurvey: Hashable, Sendable {
    /// What is wanted of which server.
    public struct Wish: Hashable, Sendable {
        /// The user to log in as.
        public var user: String
        /// What `pg_stat_replication` shows.
        public var applicationName: String
        /// The position to begin at; nil: the slot's, else the server's end.
        public var start: LSN?
        /// The slot that will be used.
        public var slot: String?

        /// A wish.
        public init(user: String, applicationName: String, start: LSN?, slot: String?) {
            self.user = user
            self.applicationName = applicationName
            self.start = start
            self.slot = slot
        }
    }

    /// What the server said.
    public struct Findings: Hashable, Sendable {
        /// `server_version`, as far as it was told.
        public var serverVersion: String?
        /// The cluster's number.
        public var systemIdentifier: UInt64 = 0
        /// Bytes of a segment of its log.
        public var segmentSize = SegmentSize.oneMebibyte
        /// The server's timeline.
        public var timeline = Timeline.first
        /// How far its log is durable.
        public var flush = LSN.invalid
        /// Where to begin.
        public var start = LSN.invalid
        /// The timeline of that place.
        public var startTimeline = Timeline.first
    }

    /// Why the server cannot be read.
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// It answered with an error.
        case refused(ServerError)
        /// It wants to be shown who asks.
        case wantsProof(AuthenticationChallenge)
        /// What it said first is not of PostgreSQL's protocol.
        case notPostgreSQL
        /// It closed the connection without an answer.
        case closed
        /// It has no such slot.
        case noSuchSlot(String)
        /// It has no log there yet.
        case startAhead(LSN, flush: LSN)
        /// It said what no server may say.
        case protocolViolation(String)

        /// One line.
        public var description: String {
            switch self {
            case .refused(let error): error.description
            case .wantsProof: "it wants a password"
            case .notPostgreSQL: "it does not speak PostgreSQL's protocol"
            case .closed: "it closed the connection without an answer"
            case .noSuchSlot(let name): "it has no slot \(name)"
            case .startAhead(let lsn, let flush): "its log ends at \(flush), before \(lsn)"
            case .protocolViolation(let reason): "protocol violation: \(reason)"
            }
        }
    }

    /// What the shell has to do.
    public enum Action: Hashable, Sendable {
        /// Send a message.
        case send(FrontendMessage)
        /// Close the connection, and say nothing of it any more.
        case ended(Result<Findings, Failure>)
    }

    private enum Question: Hashable {
        case segmentSize
        case system
        case slot(String)
        case history(Timeline)
    }

    private enum Phase: Hashable {
        case greeting
        case asking(Question, PartialAnswer)
        /// The goodbye is out; the server's close is to come.
        case leaving
        case over
    }

    private let wish: Wish
    private var findings = Findings()
    private var phase = Phase.greeting
    private var isKnownToBePostgreSQL = false

    /// A survey of a server that has not been dialled.
    public init(_ wish: Wish) {
        self.wish = wish
    }

    /// The server accepted the connection.
    public func dialled() -> [Action] {
        let startup = StartupMessage(
            user: wish.user, database: "replication", applicationName: wish.applicationName,
            replication: true)
        return [.send(.startup(startup))]
    }

    /// The connection is gone.
    public mutating func connectionClosed() -> [Action] {
        switch phase {
        case .greeting, .asking: return end(.closed)
        case .leaving:
            phase = .over
            return [.ended(.success(findings))]
        case .over: return []
        }
    }

    /// What arrived is no message.
    public mutating func framesBroken(_ reason: String) -> [Action] {
        if phase == .leaving { return connectionClosed() }
        return end(isKnownToBePostgreSQL ? .protocolViolation(reason) : .notPostgreSQL)
    }

    private mutating func end(_ failure: Failure) -> [Action] {
        guard phase != .over else { return [] }
        phase = .over
        return [.ended(.failure(failure))]
    }
}

// What the server says.
extension UpstreamSurvey {
    /// A message arrived.
    public mutating func received(_ message: BackendMessage) -> [Action] {
        guard phase != .over, phase != .leaving else { return [] }
        if case .parameterStatus("server_version", let version) = message {
            findings.serverVersion = version
        }
        switch (message, phase) {
        case (.errorResponse(let error), _): return end(.refused(error))
        case (.authentication(let challenge), .greeting): return end(.wantsProof(challenge))
        case (.readyForQuery, .greeting):
            return isKnownToBePostgreSQL
                ? ask(.segmentSize) : end(.protocolViolation("a turn before it let us in"))
        case (.authenticationOK, .greeting):
            isKnownToBePostgreSQL = true
            return []
        case (.parameterStatus, _), (.noticeResponse, _), (.backendKeyData, .greeting),
            (.negotiateProtocolVersion, .greeting):
            return []
        case (_, .asking(let question, let answer)): return collect(message, question, answer)
        case (_, _):
            return end(
                isKnownToBePostgreSQL
                    ? .protocolViolation("a message out of turn") : .notPostgreSQL)
        }
    }

    private mutating func ask(_ question: Question) -> [Action] {
        phase = .asking(question, PartialAnswer())
        let command: ReplicationCommand =
            switch question {
            case .segmentSize: .showParameter("wal_segment_size")
            case .system: .identifySystem
            case .slot(let name): .readSlot(name: name)
            case .history(let timeline): .timelineHistory(timeline)
            }
        return [.send(.query(command.description))]
    }

    private mutating func collect(
        _ message: BackendMessage, _ question: Question, _ answer: PartialAnswer
    ) -> [Action] {
        switch answer.received(message) {
        case .incomplete(let longer):
            phase = .asking(question, longer)
            return []
        case .finished(let results):
            do throws(ReplyError) {
                guard let result = results.first, results.count == 1 else {
                    throw .rowCount(results.count)
                }
                return try answered(question, result)
            } catch {
                return end(.protocolViolation("an answer that does not fit: \(error)"))
            }
        case .streaming, .tooLong:
            return end(.protocolViolation("an answer that does not fit"))
        }
    }

    private mutating func answered(
        _ question: Question, _ result: ResultSet
    ) throws(ReplyError) -> [Action] {
        switch question {
        case .segmentSize:
            let text = try ShowReply(name: "wal_segment_size", result).value
            guard let size = SegmentSize(label: text) else {
                return end(.protocolViolation("segments of \(text)"))
            }
            findings.segmentSize = size
            return ask(.system)
        case .system:
            let reply = try IdentifySystemReply(result)
            findings.systemIdentifier = reply.systemIdentifier
            findings.timeline = reply.timeline
            findings.flush = reply.flushLSN
            findings.start = wish.start ?? reply.flushLSN
            return wish.slot.map { ask(.slot($0)) } ?? placeKnown()
        case .slot(let name):
            switch try ReadSlotReply(result) {
            case .absent: return end(.noSuchSlot(name))
            case .unreserved: return placeKnown()
            case .reserved(let restart, _):
                findings.start = wish.start ?? restart
                return placeKnown()
            }
        case .history(let timeline):
            return try historyArrived(timeline, TimelineHistoryReply(result))
        }
    }

    /// On the first timeline there is no history to ask for.
    private mutating func placeKnown() -> [Action] {
        guard findings.start <= findings.flush else {
            return end(.startAhead(findings.start, flush: findings.flush))
        }
        findings.startTimeline = findings.timeline
        return findings.timeline == .first ? leave() : ask(.history(findings.timeline))
    }

    private mutating func historyArrived(
        _ timeline: Timeline, _ reply: TimelineHistoryReply
    ) throws(ReplyError) -> [Action] {
        let text = String(decoding: reply.content, as: UTF8.self)
        guard let history = try? TimelineHistory(parsing: text) else {
            return end(.protocolViolation("a history of timeline \(timeline) that is none"))
        }
        let ancestor = history.entries.first { findings.start < $0.switchpoint }
        findings.startTimeline = ancestor?.timeline ?? timeline
        return leave()
    }

    private mutating func leave() -> [Action] {
        phase = .leaving
        return [.send(.terminate)]
    }
}
