import Replication
import WALFormat
import WireProtocol

/// An upstream in memory: a log, and one connection's sender behind its real decoder.
struct MemoryServer {
    /// Where its log begins.
    static let base: UInt64 = 0x10_0000

    private(set) var state = WALSender.Server(flush: base)
    private(set) var log: [UInt8] = []
    private(set) var sender: WALSender?
    private var decoder = FrontendDecoder()
    private var reads: [Range<UInt64>] = []
    /// What goes to the client, and whether the server has closed the connection after it.
    var output: [UInt8] = []
    private(set) var hasClosed = false

    /// WAL from `start` up to `end`.
    func wal(_ start: LSN, _ end: LSN) -> ArraySlice<UInt8> {
        log[Int(start.rawValue - Self.base)..<Int(end.rawValue - Self.base)]
    }

    /// The timeline that the byte at `position` belongs to.
    func timeline(at position: LSN) -> Timeline {
        state.history.entries.first { position < $0.switchpoint }?.timeline ?? state.timeline
    }

    mutating func write(_ bytes: [UInt8]) {
        log += bytes
        state.flushLSN = state.flushLSN.advanced(by: bytes.count)
    }

    mutating func promote() {
        state.history.append(
            timeline: state.timeline, switchpoint: state.flushLSN, reason: "promoted")
        state.timeline = state.timeline.next
    }

    // MARK: The connection

    mutating func accept() {
        self.sender = WALSender()
        decoder = FrontendDecoder()
        reads = []
        output = []
        hasClosed = false
    }

    mutating func disconnect() {
        sender = nil
        reads = []
        output = []
    }

    mutating func receive(_ bytes: [UInt8]) throws(FrameError) {
        guard sender != nil, !hasClosed else { return }
        decoder.feed(bytes)
        while let message = try decoder.next() { try handle(message) }
    }

    mutating func pump(room: Int) -> Bool {
        let state = state
        return act { $0.pump(server: state, room: room) }
    }

    mutating func answerRead() -> Bool {
        guard !reads.isEmpty else { return false }
        let read = reads.removeFirst()
        let state = state
        let start = LSN(read.lowerBound)
        let bytes = Array(wal(start, LSN(read.upperBound)))
        return act { $0.walRead(at: start, bytes, server: state) }
    }

    mutating func stop() -> Bool {
        let state = state
        return act { $0.serverStops(server: state) }
    }

    private mutating func handle(_ message: FrontendMessage) throws(FrameError) {
        let state = state
        switch message {
        case .startup:
            decoder.enter(.commands)
            output += Upstream.greeting.encoded()
        case .query(let text):
            // Only a receiver of ours talks to it, so what it sends parses.
            guard let command = try? ReplicationCommand.parse(text) else { return }
            act { $0.commandReceived(command, server: state) }
        case .copyData(let payload):
            let message = try ReplicationMessage(decoding: payload)
            act { $0.copyDataReceived(message, server: state) }
        case .copyDone:
            act { $0.copyDoneReceived() }
        case .sslRequest, .gssencRequest, .cancelRequest, .password, .parse, .bind, .describe,
            .execute, .close, .sync, .flush, .copyFail, .terminate:
            break
        }
    }

    @discardableResult
    private mutating func act(_ event: (inout WALSender) -> [WALSender.Action]) -> Bool {
        guard var sender, !hasClosed else { return false }
        let actions = event(&sender)
        self.sender = sender
        for action in actions { perform(action) }
        return !actions.isEmpty
    }

    private mutating func perform(_ action: WALSender.Action) {
        switch action {
        case .send(let message): output += message.encoded()
        case .sendWAL(let data): output += ReplicationMessage.xLogData(data).framed()
        case .sendKeepalive(let keepalive):
            output += ReplicationMessage.keepalive(keepalive).framed()
        case .readWAL(let start, let end): reads.append(start.rawValue..<end.rawValue)
        case .readHistory(let timeline):
            let known = state.history
            act { $0.historyRead(timeline, TimelineHistory(known, before: timeline)) }
        case .enterCopyBoth: decoder.enter(.copyingBoth)
        case .leaveCopyBoth: decoder.enter(.commands)
        case .close: hasClosed = true
        }
    }
}

extension TimelineHistory {
    /// The history of an ancestor.
    fileprivate init(_ history: TimelineHistory, before timeline: Timeline) {
        self.init()
        for entry in history.entries where entry.timeline < timeline {
            append(
                timeline: entry.timeline, switchpoint: entry.switchpoint, reason: entry.reason)
        }
    }
}
