import Replication
import Testing
import WALFormat
import WireProtocol

/// Upstreams that refuse, and upstreams that no replica should believe.
struct ReceiverRefusalTests {
    private let error = ServerError(
        severity: .fatal, code: .cannotConnectNow, message: "the database system is starting up")

    private var refused: [WALReceiver.Action] {
        [.report(.refused(error)), .disconnect]
    }

    @Test func `an upstream that lets nobody in is asked again later`() {
        var receiver = WALReceiver(flush: 0x1000)
        _ = receiver.connect() + receiver.dialled()
        #expect(receiver.hears([.errorResponse(error)]) == refused)
        #expect(receiver.connectionClosed() == [])
        #expect(receiver.hears([.readyForQuery(.idle)]) == [])
        #expect(receiver.retryDue() == [.dial])
    }

    @Test func `an error to a command is asked again later, whichever command it was`() {
        var identifying = WALReceiver.greeted(flush: 0x1000)
        var asking = identifying
        _ = asking.hears(Upstream.identity(timeline: 2))
        var starting = identifying
        _ = starting.hears(Upstream.identity(timeline: 1))
        #expect(identifying.hears([.errorResponse(error), .readyForQuery(.idle)]) == refused)
        #expect(asking.hears([.errorResponse(error), .readyForQuery(.idle)]) == refused)
        #expect(starting.hears([.errorResponse(error), .readyForQuery(.idle)]) == refused)
    }

    @Test func `a start ahead of the upstream's log is refused just after the stream began`() {
        let server = WALSender.Server(flush: 0x800)
        var sender = ReplicationConversation()
        var receiver = WALReceiver.greeted(flush: 0x1000)
        _ = receiver.hears(Upstream.identity(timeline: 1))
        let answer = sender.commandReceived(
            .startReplication(slot: nil, at: LSN(0x1000), timeline: .first), server: server)
        let actions = answer.flatMap { action in
            guard case .send(let message) = action else { return [WALReceiver.Action]() }
            return receiver.received(message, now: instant)
        }
        #expect(actions.first == .report(.streaming(from: LSN(0x1000), timeline: .first)))
        #expect(actions.last == .disconnect)
        #expect(receiver.phase == .waiting(until: after(WALReceiver.retryInterval)))
    }

    @Test func `another cluster is not followed`() {
        var receiver = WALReceiver.greeted(flush: 0x1000)
        let refusal = WALReceiver.Refusal.otherCluster(own: clusterNumber, theirs: 42)
        #expect(
            receiver.hears(Upstream.identity(timeline: 1, cluster: 42))
                == WALReceiver.Action.stop(refusal))
        #expect(receiver.refusal == refusal)
        #expect(receiver.connectionClosed() == [])
        #expect(receiver.connect() == [.dial])
        #expect(receiver.refusal == nil)
    }

    @Test func `an upstream on an older timeline is not followed`() {
        var receiver = WALReceiver.greeted(flush: 0x1000, timeline: 3)
        #expect(
            receiver.hears(Upstream.identity(timeline: 2))
                == WALReceiver.Action.stop(.notAnAncestor(own: Timeline(3), upstream: Timeline(2)))
        )
    }

    @Test func `WAL that does not follow is a violation, before and behind`() {
        for start: UInt64 in [0xFFF, 0x1001, 0, .max] {
            var receiver = WALReceiver.streaming(from: 0x1000)
            #expect(
                receiver.hearsWAL(at: start, [1])
                    == WALReceiver.Action.violation("WAL from \(LSN(start)) where 0/1000 was due"))
            #expect(receiver.receivedLSN == LSN(0x1000))
        }
    }

    @Test func `after a violation nothing more is heard, and one try follows`() {
        var receiver = WALReceiver.streaming(from: 0x1000)
        #expect(receiver.hearsWAL(at: 0x2000, [1]).count == 2)
        #expect(receiver.hearsWAL(at: 0x2001, [1]) == [])
        #expect(receiver.hears([.copyDone, .errorResponse(error), .readyForQuery(.idle)]) == [])
        #expect(receiver.connectionClosed() == [])
    }

    @Test func `WAL past the last position there is is a violation`() {
        var receiver = WALReceiver.streaming(from: .max - 3)
        #expect(
            receiver.hearsWAL(at: .max - 3, [1, 2, 3, 4])
                == WALReceiver.Action.violation(
                    "WAL from FFFFFFFF/FFFFFFFC past the last position there is"))
    }

    @Test(arguments: [[], [0], [0x77], Array("k1234".utf8), Array("x".utf8)] as [[UInt8]])
    func `stream messages that do not fit are a violation`(_ payload: [UInt8]) {
        var receiver = WALReceiver.streaming(from: 0x1000)
        guard case .report(.protocolViolation) = receiver.hears([.copyData(payload)]).first else {
            Issue.record("\(payload) was taken")
            return
        }
        #expect(receiver.phase == .waiting(until: after(WALReceiver.retryInterval)))
    }

    @Test func `a standby's report from an upstream is a violation`() {
        var receiver = WALReceiver.streaming(from: 0x1000)
        let report = StandbyStatus(write: LSN(1), flush: LSN(1), apply: LSN(1), sentAt: instant)
        #expect(
            receiver.hears([.copyData(ReplicationMessage.statusUpdate(report).encoded())])
                == WALReceiver.Action.violation("a standby's message from an upstream"))
    }

    @Test(
        arguments: [
            .copyData([]), .copyDone, .row(["1"]), .copyBothResponse(),
            .authentication(.cleartextPassword), .emptyQueryResponse,
        ] as [BackendMessage])
    func `what does not belong into the greeting is a violation`(_ message: BackendMessage) throws {
        var receiver = WALReceiver(flush: 0x1000)
        _ = receiver.connect() + receiver.dialled()
        let letter = try #require(message.type.map { Character(Unicode.Scalar($0)) })
        #expect(
            receiver.hears([message])
                == WALReceiver.Action.violation("a message '\(letter)' out of turn"))
    }

    @Test func `settings and notices may come at any time`() {
        var receiver = WALReceiver.streaming(from: 0x1000)
        #expect(
            receiver.hears([
                .parameterStatus(name: "in_hot_standby", value: "off"), .noticeResponse(error),
            ]) == [])
        #expect(receiver.isStreaming)
    }

    @Test func `an answer of the wrong shape is a violation`() {
        let answers: [[BackendMessage]] = [
            [.readyForQuery(.idle)],
            [.commandComplete("IDENTIFY_SYSTEM"), .readyForQuery(.idle)],
            ShowReply(name: "x", value: "y").messages + [.readyForQuery(.idle)],
            IdentifySystemReply(
                systemIdentifier: clusterNumber, timeline: .first, flushLSN: LSN(1)
            ).messages + Upstream.identity(timeline: 1),
        ]
        for answer in answers {
            var receiver = WALReceiver.greeted(flush: 0x1000)
            guard case .report(.protocolViolation) = receiver.hears(answer).first else {
                Issue.record("\(answer) was taken")
                continue
            }
        }
    }

    @Test func `an answer without end is cut short`() {
        var receiver = WALReceiver.greeted(flush: 0x1000)
        let rows = [BackendMessage](repeating: .row(["1"]), count: 100)
        #expect(receiver.hears(rows) == WALReceiver.Action.violation("an answer without end"))
    }

    @Test func `an upstream that ends the stream without a next timeline is a violation`() {
        var receiver = WALReceiver.streaming(from: 0x1000)
        #expect(receiver.hears([.copyDone]) == [.send(.copyDone)])
        #expect(
            receiver.hears(EndOfStreamReply.stopped.messages + [.readyForQuery(.idle)])
                == WALReceiver.Action.violation("timeline 1 ended without a next one"))
    }
}
