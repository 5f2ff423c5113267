import Replication
import WALFormat
import WireProtocol

/// An upstream in memory: a log, and one connection's sender behind its real decoder.
struct MemoryServer {
    /// Where its log begins.
    static let base: UInt64 = 0x10_0000

    private(set) var state = WALSender.Server(flush: base)
    private(set) var log: [UInt8] = []
    private(set) var sender: ReplicationConversation?
    private var decoder = FrontendDecoder()
    private var reads: [Range<UInt64>] = []
    /// What goes to the client, and whether the server has closed the connection after it.
    var output: [UInt8] = []
    private(set) var hasClosed = false
    /// It has stopped for good.
    private(set) var isStopped = false
    /// Its slots, and the oldest byte that is left of its log.
    private(set) var slots = SlotTable()
    private(set) var oldest = LSN(base)
    private var processID: Int32 = 0

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

    /// It is a standby: its log is what this replica has made durable.
    mutating func mirror(_ replica: MemoryReplica) {
        guard replica.durable > state.flushLSN || replica.timeline != state.timeline else {
            return
        }
        state.flushLSN = max(state.flushLSN, replica.durable)
        state.timeline = replica.timeline
        state.history = replica.history
        log += replica.log[log.count..<(state.flushLSN - LSN(Self.base))]
    }

    // MARK: The connection

    mutating func accept() {
        // A replica has one connection: the newest.
        disconnect()
        processID += 1
        self.sender = ReplicationConversation()
        decoder = FrontendDecoder()
        reads = []
        output = []
        hasClosed = false
    }

    mutating func disconnect() {
        _ = slots.cleanUp(after: processID)
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
        guard start >= oldest else { return act { $0.readFailed(Self.removed) } }
        let bytes = Array(wal(start, LSN(read.upperBound)))
        return act { $0.walRead(at: start, bytes, server: state) }
    }

    static let removed = ServerError(
        code: .undefinedFile,
        message: "requested WAL segment 000000010000000000000001 has already been removed")

    /// A slot that someone made by hand.
    mutating func createSlot(_ name: String) {
        _ = slots.perform(
            .create(name: name, isTemporary: false, reservesWAL: true), by: 0, redo: state.flushLSN)
    }

    /// A checkpoint at the end of the log, which keeps what a slot is allowed to keep.
    mutating func checkpoint(slotKeepByteCount: Int?) -> Retention.Decision {
        var settings = Retention.Settings(segmentSize: state.segmentSize)
        settings.slotKeepByteCount = slotKeepByteCount
        let log = Retention.Log(
            end: state.flushLSN, redo: state.flushLSN,
            oldestSegment: state.segmentSize.number(containing: oldest))
        let decision = Retention(settings: settings, log: log, slots: slots).decision
        if decision.terminated.contains(processID) { act { $0.terminated() } }
        _ = slots.invalidate(decision.invalidated)
        oldest = max(oldest, decision.oldestLSN)
        return decision
    }

    /// Time passes.
    mutating func tick(to now: PostgresTime) -> Bool {
        state.now = now
        let state = state
        return act { $0.deadlineReached(server: state) }
    }

    mutating func stop() -> Bool {
        isStopped = true
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
    private mutating func act(
        _ event: (inout ReplicationConversation) -> [ReplicationConversation.Action]
    ) -> Bool {
        guard var sender, !hasClosed else { return false }
        let actions = event(&sender)
        self.sender = sender
        for action in actions { perform(action) }
        return !actions.isEmpty
    }

    private mutating func perform(_ action: ReplicationConversation.Action) {
        switch action {
        case .send(let message): output += message.encoded()
        case .stream(let action): perform(action)
        case .readHistory(let timeline):
            let known = state.history
            act { $0.historyRead(timeline, .success(TimelineHistory(known, before: timeline))) }
        case .readSetting(let name): act { $0.settingRead(name, nil) }
        case .enterCopyBoth: decoder.enter(.copyingBoth)
        case .leaveCopyBoth: decoder.enter(.commands)
        case .close:
            hasClosed = true
            _ = slots.cleanUp(after: processID)
        case .slot(let request):
            let state = state
            let effects = slots.perform(request, by: processID, redo: state.flushLSN)
            for delivery in effects.answers {
                act { $0.slotAnswered(delivery.answer, server: state) }
            }
        case .releaseSlot: _ = slots.release(by: processID)
        case .cleanUpSlots: _ = slots.cleanUp(after: processID)
        case .claimStream, .report: break
        case .beginBackup, .backup:
            preconditionFailure("nobody here asks for backups: \(action)")
        }
    }

    private mutating func perform(_ action: WALSender.Action) {
        switch action {
        case .readWAL(let start, let end): reads.append(start.rawValue..<end.rawValue)
        case .sendWAL(let data): output += ReplicationMessage.xLogData(data).framed()
        case .sendKeepalive(let keepalive):
            output += ReplicationMessage.keepalive(keepalive).framed()
        case .sendCopyDone: output += BackendMessage.copyDone.encoded()
        case .holdRows(let name, let xmin): slots.hold(name, from: xmin, by: processID)
        case .confirmSlot(let name, let lsn):
            _ = slots.confirm(name, flushed: lsn, by: processID)
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
