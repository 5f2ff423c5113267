import Replication
import Testing
import WALFormat
import WireProtocol

/// What a reader without a log of its own asks a server before it reads.
struct UpstreamSurveyTests {
    private typealias Action = UpstreamSurvey.Action

    private func survey(from start: UInt64? = nil, slot: String? = nil) -> UpstreamSurvey {
        UpstreamSurvey(
            UpstreamSurvey.Wish(
                user: "me", applicationName: "shiplog", start: start.map(LSN.init), slot: slot))
    }

    private func size(_ text: String) -> [BackendMessage] {
        ShowReply(name: "wal_segment_size", value: text).messages + [.readyForQuery(.idle)]
    }

    private func slot(_ reply: ReadSlotReply) -> [BackendMessage] {
        reply.messages + [.readyForQuery(.idle)]
    }

    @Test func `it asks for what it must know, and says goodbye`() throws {
        var survey = survey()
        let startup = StartupMessage(
            user: "me", database: "replication", applicationName: "shiplog", replication: true)
        #expect(survey.dialled() == [.send(.startup(startup))])
        #expect(survey.hears(Upstream.greeting) == [.ask("SHOW wal_segment_size")])
        #expect(survey.hears(size("64MB")) == [.ask("IDENTIFY_SYSTEM")])
        #expect(survey.hears(Upstream.identity(timeline: 1)) == [.send(.terminate)])
        let end = survey.connectionClosed()
        guard case .ended(.success(let findings))? = end.first else {
            Issue.record("\(end)")
            return
        }
        #expect(findings.serverVersion == "15.0")
        #expect(findings.systemIdentifier == clusterNumber)
        #expect(findings.segmentSize.byteCount == 64 << 20)
        #expect(findings.flush == LSN(0x900_0000) && findings.start == findings.flush)
        #expect(findings.startTimeline == .first)
        #expect(survey.connectionClosed() == [])
    }

    @Test func `a place before a fork is on the timeline that was left there`() {
        let places: [(start: UInt64, timeline: UInt32)] = [
            (0x100, 1), (0x7FF, 1), (0x800, 2), (0x8FF, 2), (0x900, 3), (0xA00, 3),
        ]
        for place in places {
            var survey = survey(from: place.start)
            _ = survey.hears(Upstream.greeting) + survey.hears(size("1MB"))
            #expect(
                survey.hears(Upstream.identity(timeline: 3)) == [.ask("TIMELINE_HISTORY 3")])
            let history = TimelineHistory(forks: 0x800, 0x900)
            #expect(survey.hears(Upstream.history(3, history)) == [.send(.terminate)])
            #expect(survey.found?.startTimeline == Timeline(place.timeline))
            #expect(survey.found?.start == LSN(place.start))
        }
    }

    @Test func `a slot says where to begin, unless that was said`() {
        let reserved = ReadSlotReply.reserved(restart: LSN(0x500), timeline: .first)
        let cases: [(UInt64?, ReadSlotReply, UInt64)] = [
            (nil, reserved, 0x500), (0x700, reserved, 0x700), (nil, .unreserved, 0x900_0000),
        ]
        for (start, reply, expected) in cases {
            var survey = survey(from: start, slot: "s")
            _ = survey.hears(Upstream.greeting) + survey.hears(size("1MB"))
            #expect(
                survey.hears(Upstream.identity(timeline: 1))
                    == [.ask("READ_REPLICATION_SLOT \"s\"")])
            #expect(survey.hears(slot(reply)) == [.send(.terminate)])
            #expect(survey.found?.start == LSN(expected))
        }
        var missing = self.survey(slot: "s")
        _ = missing.hears(Upstream.greeting) + missing.hears(size("1MB"))
        _ = missing.hears(Upstream.identity(timeline: 1))
        #expect(missing.hears(slot(.absent)) == [.ended(.failure(.noSuchSlot("s")))])
    }

    @Test func `a place ahead of the server's log is refused`() {
        var survey = survey(from: 0x900_0001)
        _ = survey.hears(Upstream.greeting) + survey.hears(size("1MB"))
        let ahead = UpstreamSurvey.Failure.startAhead(LSN(0x900_0001), flush: LSN(0x900_0000))
        #expect(survey.hears(Upstream.identity(timeline: 1)) == [.ended(.failure(ahead))])
    }

    @Test func `whoever wants proof, refuses, closes or is no server is told apart`() {
        let error = ServerError(
            severity: .fatal, code: .tooManyConnections, message: "sorry, too many clients")
        let sasl = AuthenticationChallenge.sasl(mechanisms: ["SCRAM-SHA-256"])
        var asked = survey()
        #expect(asked.hears([.authentication(sasl)]) == [.ended(.failure(.wantsProof(sasl)))])
        #expect(asked.hears([.readyForQuery(.idle)]) == [] && asked.connectionClosed() == [])
        var refused = survey()
        #expect(refused.hears([.errorResponse(error)]) == [.ended(.failure(.refused(error)))])
        var later = survey()
        _ = later.hears(Upstream.greeting)
        #expect(later.hears([.errorResponse(error)]) == [.ended(.failure(.refused(error)))])
        var closed = survey()
        #expect(closed.connectionClosed() == [.ended(.failure(.closed))])
        var foreign = survey()
        #expect(foreign.framesBroken("") == [.ended(.failure(.notPostgreSQL))])
        var odd = survey()
        #expect(odd.hears([.copyDone]) == [.ended(.failure(.notPostgreSQL))])
    }

    @Test func `answers that do not fit end it`() {
        for text in ["3MB", "1024MB", "16", "", "01MB", "-1MB", "2GB", "16mb"] {
            var survey = survey()
            _ = survey.hears(Upstream.greeting)
            let what = UpstreamSurvey.Failure.protocolViolation("segments of \(text)")
            #expect(survey.hears(size(text)) == [.ended(.failure(what))])
        }
        var endless = survey()
        _ = endless.hears(Upstream.greeting)
        let rows = [BackendMessage](repeating: .row(["x"]), count: 20)
        guard case .ended(.failure(.protocolViolation))? = endless.hears(rows).first else {
            Issue.record("an answer without end is taken")
            return
        }
    }
}

extension UpstreamSurvey {
    fileprivate mutating func hears(_ messages: [BackendMessage]) -> [Action] {
        messages.flatMap { received($0) }
    }

    /// The end, once the server has closed.
    fileprivate var found: Findings? {
        var survey = self
        guard case .ended(.success(let findings))? = survey.connectionClosed().first else {
            return nil
        }
        return findings
    }
}

extension UpstreamSurvey.Action {
    fileprivate static func ask(_ text: String) -> Self { .send(.query(text)) }
}
