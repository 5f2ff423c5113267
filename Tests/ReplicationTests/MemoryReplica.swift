import Replication
import WALFormat
import WireProtocol

/// A replica in memory: its receiver behind the real decoder, and a disk that takes its time.
struct MemoryReplica {
    private enum Job {
        case write(Timeline, at: LSN, bytes: [UInt8])
        case sync
        case storeHistory(Timeline)
        case switchTimeline(Timeline, TimelineHistory)
    }

    /// A breach of what a disk may be asked, in words.
    private(set) var complaints: [String] = []
    private(set) var receiver: WALReceiver
    /// The log as written, and the timeline of each run of it.
    private(set) var log: [UInt8] = []
    private(set) var timeline = Timeline.first
    /// How the timeline came about.
    private(set) var history = TimelineHistory()
    private(set) var events: [WALReceiver.Event] = []
    /// How often it has given a connection up.
    private(set) var hangUpCount = 0
    private(set) var durable = LSN(MemoryServer.base)
    /// Its lab time.
    private var now = instant
    private var decoder = BackendDecoder()
    private var jobs: [Job] = []
    private var isSyncing = false
    var output: [UInt8] = []
    /// What the network has to do for it.
    private(set) var wantsDial = false
    private(set) var isConnected = false
    var isRetryDue: Bool { receiver.retryAt != nil }

    init(slot: String? = nil) {
        receiver = WALReceiver(flush: MemoryServer.base)
        receiver.slot = slot
    }

    /// A base backup brought it to this position; what it had is gone.
    mutating func reseed(from server: MemoryServer) {
        log = server.log
        timeline = server.state.timeline
        history = server.state.history
        durable = server.state.flushLSN
        loseWhatIsNotDurable()
    }

    /// Time passes.
    mutating func tick(to now: PostgresTime) -> Bool {
        self.now = now
        return act { $0.deadlineReached(now: now) }
    }

    var writtenEnd: LSN { LSN(MemoryServer.base).advanced(by: log.count) }
    var hasWork: Bool { !jobs.isEmpty }

    /// It stops following, for a promotion.
    mutating func stop() {
        act { $0.stop() }
        wantsDial = false
    }

    mutating func connect() {
        let now = now
        act { $0.connect(now: now) }
    }

    mutating func retry() {
        guard let due = receiver.retryAt else { return }
        act { $0.deadlineReached(now: due) }
    }

    mutating func dialled() {
        wantsDial = false
        isConnected = true
        decoder = BackendDecoder()
        output = []
        let now = now
        act { $0.dialled(now: now) }
    }

    mutating func connectionClosed() {
        guard isConnected else { return }
        isConnected = false
        let now = now
        act { $0.connectionClosed(now: now) }
    }

    mutating func receive(_ bytes: [UInt8]) throws(FrameError) {
        guard isConnected else { return }
        decoder.feed(bytes)
        while isConnected, let message = try decoder.next() {
            let now = now
            act { $0.received(message, now: now) }
        }
    }

    mutating func quiet() -> Bool {
        let isOutdated = durable < writtenEnd && !isSyncing
        if isOutdated {
            isSyncing = true
            jobs.append(.sync)
        }
        let now = now
        return act { $0.quiet(now: now) } || isOutdated
    }

    /// Does the disk's next job, if there is one. Says what it wrote, and on which timeline.
    mutating func work() -> (timeline: Timeline, range: Range<LSN>)? {
        switch jobs.removeFirst() {
        case .write(let timeline, let start, let bytes):
            write(bytes, at: start)
            let end = start.advanced(by: bytes.count)
            receiver.walWritten(upTo: end)
            return (timeline, start..<end)
        case .sync:
            isSyncing = false
            durable = writtenEnd
            receiver.walFlushed(upTo: durable)
        case .storeHistory(let asked):
            let now = now
            act { $0.historyStored(asked, now: now) }
        case .switchTimeline(let next, let history):
            if durable < writtenEnd { complaints.append("switch with \(durable) durable") }
            if next <= timeline { complaints.append("switch from \(timeline) to \(next)") }
            timeline = next
            self.history = history
            let now = now
            act { $0.timelineSwitched(to: next, now: now) }
        }
        return nil
    }

    /// Power loss: only what is durable is left.
    mutating func loseWhatIsNotDurable() {
        log.removeLast(writtenEnd - durable)
        jobs = []
        isSyncing = false
        isConnected = false
        wantsDial = false
        output = []
        let slot = receiver.slot
        receiver = WALReceiver(flush: durable.rawValue, timeline: timeline.rawValue)
        receiver.slot = slot
    }

    private mutating func write(_ bytes: [UInt8], at start: LSN) {
        guard start <= writtenEnd else {
            return complaints.append("a gap from \(writtenEnd) to \(start)")
        }
        // What was durable when the WAL was asked for must not come again. A sync may have been
        // done since, so only the bytes themselves can say that nothing was damaged.
        let offset = start - LSN(MemoryServer.base)
        let overlap = min(bytes.count, log.count - offset)
        if log[offset..<offset + overlap] != bytes[..<overlap] {
            complaints.append("other bytes at \(start)")
        }
        log += bytes[overlap...]
    }

    @discardableResult
    private mutating func act(_ event: (inout WALReceiver) -> [WALReceiver.Action]) -> Bool {
        let actions = event(&receiver)
        for action in actions { perform(action) }
        return !actions.isEmpty
    }

    private mutating func perform(_ action: WALReceiver.Action) {
        switch action {
        case .dial: wantsDial = true
        case .send(let message):
            noteStart(message)
            output += message.encoded()
        case .sendStatus(let status): output += ReplicationMessage.statusUpdate(status).framed()
        case .sendFeedback(let feedback):
            output += ReplicationMessage.hotStandbyFeedback(feedback).framed()
        case .writeWAL(let timeline, let start, let bytes):
            jobs.append(.write(timeline, at: start, bytes: bytes))
        case .storeHistory(let asked, _): jobs.append(.storeHistory(asked))
        case .switchTimeline(let next, let history):
            jobs.append(.switchTimeline(next, history))
        case .disconnect:
            isConnected = false
            hangUpCount += 1
            output = []
        case .report(let event): events.append(event)
        }
    }

    /// A stream may ask again for what is not durable, and for nothing else.
    private mutating func noteStart(_ message: FrontendMessage) {
        guard case .query(let text) = message,
            case .startReplication(_, let start, let asked)? = try? ReplicationCommand.parse(text)
        else { return }
        if start < durable { complaints.append("durable WAL asked for again at \(start)") }
        if asked != timeline { complaints.append("timeline \(timeline) on disk, asked \(text)") }
    }
}
