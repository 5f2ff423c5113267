import Replication
import WALFormat
import WireProtocol

// The parts that the dialogues of this folder are made of.

let clusterNumber: UInt64 = 7_012_345_678_901_234_567
let instant = PostgresTime(microseconds: 820_000_000_000_000)

/// Some time after `instant`.
func after(_ duration: Duration) -> PostgresTime { after(instant, duration) }

func after(_ time: PostgresTime, _ duration: Duration) -> PostgresTime {
    PostgresTime(microseconds: time.microseconds + Int64(duration / .microseconds(1)))
}

extension TimelineHistory {
    /// Timeline 1 was left at the first position, 2 at the second, and so on.
    init(forks: UInt64...) {
        self.init()
        for (index, fork) in forks.enumerated() {
            append(
                timeline: Timeline(UInt32(index + 1)), switchpoint: LSN(fork),
                reason: "no recovery target specified")
        }
    }
}

extension WALSender.Server {
    /// A server whose log is durable up to `flush`, on the timeline after the last fork.
    init(
        flush: UInt64, history: TimelineHistory = TimelineHistory(),
        now: PostgresTime = instant
    ) {
        self.init(
            systemIdentifier: clusterNumber,
            timeline: history.entries.last?.timeline.next ?? .first, history: history,
            flushLSN: LSN(flush), segmentSize: .oneMebibyte, now: now)
    }

    /// The same server later.
    func later(_ duration: Duration) -> Self {
        var server = self
        server.now = after(duration)
        return server
    }
}

extension WALSender {
    /// A sender whose client has just begun to stream.
    static func streaming(
        from start: UInt64, timeline: UInt32 = 1, server: Server
    ) -> WALSender {
        let start = WALSender.start(
            at: LSN(start), on: Timeline(timeline), slot: nil, server: server)
        guard case .streams(let sender) = start else { preconditionFailure("\(start)") }
        return sender
    }

    /// Pumps, and answers the read with zeros; gives what goes to the client.
    mutating func pumpAndRead(_ server: Server, room: Int = 1 << 30) -> [Action] {
        pump(server: server, room: room).flatMap { action in
            guard case .readWAL(let start, let end) = action else { return [action] }
            let bytes = [UInt8](repeating: 0, count: end - start)
            return walRead(at: start, bytes, server: server)
        }
    }

    mutating func hears(
        write: UInt64, flush: UInt64, apply: UInt64 = 0, reply: Bool = false, _ server: Server
    ) -> [Action] {
        received(.status(write, flush, apply, reply), server: server)
    }
}

extension WALSender.Action {
    /// Where a piece of WAL begins and ends.
    var piece: Range<UInt64>? {
        guard case .sendWAL(let data) = self else { return nil }
        return data.start.rawValue..<data.end.rawValue
    }

    static func keepalive(_ position: UInt64, replyRequested: Bool) -> Self {
        .sendKeepalive(
            Keepalive(walEnd: LSN(position), sentAt: instant, replyRequested: replyRequested))
    }
}

extension ReplicationMessage {
    fileprivate static func status(
        _ write: UInt64, _ flush: UInt64, _ apply: UInt64, _ reply: Bool
    ) -> Self {
        .statusUpdate(
            StandbyStatus(
                write: LSN(write), flush: LSN(flush), apply: LSN(apply), sentAt: instant,
                replyRequested: reply))
    }
}

extension ReplicationConversation {
    /// A server whose client has just begun to stream.
    static func streaming(
        from start: UInt64, timeline: UInt32 = 1, server: WALSender.Server
    ) -> ReplicationConversation {
        var sender = ReplicationConversation()
        _ = sender.commandReceived(
            .startReplication(slot: nil, at: LSN(start), timeline: Timeline(timeline)),
            server: server)
        return sender
    }

    /// Pumps, and answers the read with zeros; gives what goes to the client.
    mutating func pumpAndRead(_ server: WALSender.Server, room: Int = 1 << 30) -> [Action] {
        var sent: [Action] = []
        for action in pump(server: server, room: room) {
            if case .stream(.readWAL(let start, let end)) = action {
                let bytes = [UInt8](repeating: 0, count: end - start)
                sent += walRead(at: start, bytes, server: server)
            } else {
                sent.append(action)
            }
        }
        return sent
    }

    mutating func hears(
        write: UInt64, flush: UInt64, apply: UInt64 = 0, reply: Bool = false,
        _ server: WALSender.Server
    ) -> [Action] {
        copyDataReceived(.status(write, flush, apply, reply), server: server)
    }
}

extension ReplicationConversation.Action {
    /// What a client hears when a command fails.
    static func refusal(_ error: ServerError) -> [Self] {
        [.send(.errorResponse(error)), .send(.readyForQuery(.idle))]
    }

    /// How every stream begins.
    static let opening: [Self] = [.claimStream, .send(.copyBothResponse()), .enterCopyBoth]

    /// Where a piece of WAL begins and ends.
    var piece: Range<UInt64>? {
        if case .stream(let action) = self { action.piece } else { nil }
    }

    static func readWAL(from start: LSN, upTo end: LSN) -> Self {
        .stream(.readWAL(from: start, upTo: end))
    }

    static func confirmSlot(_ name: String, flushed: LSN) -> Self {
        .stream(.confirmSlot(name, flushed: flushed))
    }

    static func keepalive(_ position: UInt64, replyRequested: Bool) -> Self {
        .stream(.keepalive(position, replyRequested: replyRequested))
    }
}

// Where time does not matter, it stands still.
extension WALReceiver {
    mutating func connect() -> [Action] { connect(now: instant) }
    mutating func dialled() -> [Action] { dialled(now: instant) }
    mutating func connectionClosed() -> [Action] { connectionClosed(now: instant) }

    /// The wait for the next try, if there is one, is over.
    mutating func retryDue() -> [Action] {
        retryAt.map { deadlineReached(now: $0) } ?? []
    }

    mutating func historyStored(_ stored: Timeline) -> [Action] {
        historyStored(stored, now: instant)
    }

    mutating func timelineSwitched(to next: Timeline) -> [Action] {
        timelineSwitched(to: next, now: instant)
    }
}

extension WALReceiver {
    /// A replica whose own log ends at `flush`.
    init(flush: UInt64, timeline: UInt32 = 1) {
        self.init(
            name: "r1", systemIdentifier: clusterNumber, timeline: Timeline(timeline),
            flushLSN: LSN(flush), replayLSN: LSN(flush))
    }

    /// Several messages arrive; gives all that is to be done.
    mutating func hears(_ messages: [BackendMessage]) -> [Action] {
        messages.flatMap { message in
            let actions = received(message, now: instant)
            guard case .storeHistory(let timeline, _)? = actions.last else { return actions }
            // Its disk is quick.
            return actions + historyStored(timeline, now: instant)
        }
    }

    /// Connects and is let in: IDENTIFY_SYSTEM is out.
    static func greeted(flush: UInt64, timeline: UInt32 = 1) -> WALReceiver {
        var receiver = WALReceiver(flush: flush, timeline: timeline)
        _ = receiver.connect() + receiver.dialled() + receiver.hears(Upstream.greeting)
        return receiver
    }

    /// Streams from an upstream on the same timeline.
    static func streaming(from flush: UInt64, timeline: UInt32 = 1) -> WALReceiver {
        var receiver = greeted(flush: flush, timeline: timeline)
        _ = receiver.hears(Upstream.identity(timeline: timeline))
        _ = receiver.hears([.copyBothResponse()])
        return receiver
    }

    mutating func hearsWAL(at start: UInt64, _ bytes: [UInt8]) -> [Action] {
        hears([Upstream.wal(at: start, bytes)])
    }
}

extension WALReceiver.Action {
    static func command(_ text: String) -> Self { .send(.query(text)) }

    /// What a breach of the protocol leads to.
    static func violation(_ what: String) -> [Self] {
        [.report(.protocolViolation(what)), .disconnect]
    }

    static func stop(_ refusal: WALReceiver.Refusal) -> [Self] {
        [.report(.stopped(refusal)), .disconnect]
    }
}

/// What an upstream says.
enum Upstream {
    static let greeting: [BackendMessage] = [
        .authenticationOK, .parameterStatus(name: "server_version", value: "15.0"),
        .backendKeyData(processID: 1, secretKey: 2), .readyForQuery(.idle),
    ]

    static func identity(
        timeline: UInt32, cluster: UInt64 = clusterNumber
    ) -> [BackendMessage] {
        IdentifySystemReply(
            systemIdentifier: cluster, timeline: Timeline(timeline), flushLSN: LSN(0x900_0000)
        ).messages + [.readyForQuery(.idle)]
    }

    static func history(_ timeline: UInt32, _ history: TimelineHistory) -> [BackendMessage] {
        TimelineHistoryReply(
            fileName: TimelineHistory.fileName(Timeline(timeline)),
            content: Array(history.description.utf8)
        ).messages + [.readyForQuery(.idle)]
    }

    static func end(next: UInt32, at fork: UInt64) -> [BackendMessage] {
        EndOfStreamReply.timelineEnded(next: Timeline(next), startingAt: LSN(fork)).messages
            + [.readyForQuery(.idle)]
    }

    static func wal(at start: UInt64, _ bytes: [UInt8]) -> BackendMessage {
        .copyData(
            ReplicationMessage.xLogData(
                XLogData(start: LSN(start), walEnd: LSN(start), sentAt: instant, bytes: bytes)
            ).encoded())
    }

    static func keepalive(replyRequested: Bool) -> BackendMessage {
        .copyData(
            ReplicationMessage.keepalive(
                Keepalive(walEnd: .invalid, sentAt: instant, replyRequested: replyRequested)
            ).encoded())
    }
}
