import LabClock
import Network
import Replication
import Storage
import WALFormat
import WireProtocol

/// The shell of a standby's receiver and its replay: the socket to the upstream, the own log, redo.
///
/// What arrives is made durable in the own log when nothing more is arriving; only then is it
/// replayed, record by record, by the same redo that crash recovery uses. Then the upstream is
/// told. PostgreSQL: the walreceiver and the startup process.
///
/// - Replay never passes what is durable here.
/// - A new connection begins at the flush position; what was written and not durable is fetched
///   again.
final class Standby {
    /// Where a stream began, and what had been replayed by then.
    struct Resumption {
        var lsn: LSN
        var receivedBytes: Int
        var redoneRecords: Int
    }

    private(set) var receiver: WALReceiver
    private(set) var retryAt: LabInstant?
    /// WAL bytes received since the process started, repeats included.
    private(set) var receivedBytes = 0
    /// Records handed to redo since the process started, repeats included.
    private(set) var redoneRecords = 0
    /// Records handed to redo that had been replayed before; 0 by the protocol.
    private(set) var repeatedRecords = 0
    /// The present stream's beginning; nil before the first.
    private(set) var resumption: Resumption?
    /// What the upstream has against the stream; nil once WAL has come after all.
    private(set) var lastRefusal: ServerError?

    private unowned let process: NodeProcess
    private var port: () -> Int?
    private var wire: UpstreamWire!
    private var retry: TimerQueue<() -> Void>.Token?
    private var deadline: Deadline!
    private var reader: WALReader
    private var received: ReceivedWAL!
    private var wantsConnection = false
    /// Who waits for what was received to be durable and replayed.
    private var whenSettled: (() -> Void)?
    private var isStopped = false
    /// Replay met something that is no log.
    private var hasFailed = false

    /// A standby whose upstream is reached at `port`; nil when that is not there.
    init(process: NodeProcess, port: @escaping () -> Int?, slot: String?) {
        self.process = process
        self.port = port
        let database = process.database
        receiver = WALReceiver(
            name: process.name, systemIdentifier: database.systemIdentifier,
            timeline: database.timeline, flushLSN: process.flushLSN,
            replayLSN: database.insertLSN, slot: slot, timing: process.settings.receiver)
        reader = WALReader(
            at: database.insertLSN, previous: database.lastRecordStart,
            segmentSize: database.segmentSize, systemIdentifier: database.systemIdentifier)
        received = ReceivedWAL(disk: process.disk) { [weak self] news in self?.heard(news) }
        wire = UpstreamWire { [weak self] news in self?.heard(news) }
        deadline = Deadline(lab: process.lab, owner: "receiver \(process.name)") { [weak self] in
            guard let self, !isStopped else { return }
            perform(receiver.deadlineReached(now: time))
        }
    }

    private var time: PostgresTime { LabTime.postgres(process.now) }

    /// Waits as the node's settings have it, from now on.
    func settingsChanged() {
        receiver.timing = process.settings.receiver
        if !isStopped { perform([]) }
    }

    // MARK: Connecting

    /// Connects now, dropping a connection there may be, as soon as what was received is durable.
    func connect(to port: (() -> Int?)? = nil) {
        if let port { self.port = port }
        lastRefusal = nil
        wire.hangUp()
        cancelRetry()
        resumption = nil
        wantsConnection = true
        connectWhenDurable()
    }

    private func connectWhenDurable() {
        guard wantsConnection, !isStopped else { return }
        guard isSettled else {
            sync()
            return
        }
        wantsConnection = false
        perform(receiver.connect(now: time))
    }

    /// Asks for another slot, or none, with the next stream.
    func use(slot: String?) {
        receiver.slot = slot
    }

    /// No more WAL: for a promotion or a clean stop. What is being written still gets durable;
    /// `settled` is called when it is, and replayed.
    func stop(settled: @escaping () -> Void = {}) {
        isStopped = true
        cancelRetry()
        perform(receiver.stop())
        deadline.cancel()
        wire.hangUp()
        whenSettled = settled
        settledIfSo()
        sync()
    }

    /// The promotion it was stopped for has come to nothing.
    func resume() {
        isStopped = false
        connect()
    }

    private func settledIfSo() {
        guard isSettled, let settled = whenSettled else { return }
        whenSettled = nil
        settled()
    }

    /// A power loss.
    func kill() {
        isStopped = true
        cancelRetry()
        deadline.cancel()
        wire.reset()
    }

    private func dial() {
        guard let port = port() else { return perform(receiver.connectionClosed()) }
        wire.dial { [lab = process.lab] in lab.dial(port: port, answered: $0) }
    }

    private func scheduleRetry(after delay: Duration) {
        let instant = process.now.advanced(by: delay)
        retryAt = instant
        retry = process.lab.stepper.schedule(at: instant, owner: "standby \(process.name)") {
            [weak self] in
            guard let self else { return }
            retry = nil
            retryAt = nil
            if !isStopped { perform(receiver.retryDue(now: time)) }
        }
    }

    private func cancelRetry() {
        if let retry { process.lab.stepper.cancel(retry) }
        retry = nil
        retryAt = nil
    }
}

// The socket.
extension Standby {
    private func heard(_ news: UpstreamWire.News) {
        switch news {
        case .connected: perform(receiver.dialled(now: time))
        case .message(let message): perform(receiver.received(message, now: time))
        case .refused, .closed: perform(receiver.connectionClosed())
        case .broken(let error):
            process.report(receiver.receivedLSN, .receiver(.protocolViolation("\(error)")))
            wire.hangUp()
            perform(receiver.connectionClosed())
        }
    }

    private func perform(_ actions: [WALReceiver.Action]) {
        for action in actions { perform(action) }
        deadline.move(to: receiver.nextDeadline)
    }

    private func perform(_ action: WALReceiver.Action) {
        switch action {
        case .dial: dial()
        case .send(let message): wire.send(message.encoded())
        case .sendStatus(let status):
            wire.send(ReplicationMessage.statusUpdate(status).framed())
        case .writeWAL(let timeline, let lsn, let bytes): write(timeline, lsn, bytes)
        case .storeHistory(let timeline, let history): store(timeline, history)
        case .switchTimeline(let timeline, let history): follow(timeline, history)
        case .disconnect: wire.hangUp()
        case .retry(let delay): scheduleRetry(after: delay)
        case .report(let event): report(event)
        }
    }

    private func report(_ event: WALReceiver.Event) {
        switch event {
        case .streaming(let lsn, _):
            resumption = Resumption(
                lsn: lsn, receivedBytes: receivedBytes, redoneRecords: redoneRecords)
        case .refused(let error): lastRefusal = error
        case .disconnected, .timedOut, .stopped, .followed, .protocolViolation: break
        }
        process.report(receiver.receivedLSN, .receiver(event))
    }
}

// The own log, and replay.
extension Standby {
    private func heard(_ news: ReceivedWAL.News) {
        switch news {
        case .written(let lsn): receiver.walWritten(upTo: lsn)
        case .flushed(let lsn, let pieces): flushed(upTo: lsn, pieces)
        case .diskFull(let lsn): foundDiskFull(from: lsn)
        case .failed(let failure): process.fail(failure)
        }
    }

    private func write(_ timeline: Timeline, _ lsn: LSN, _ bytes: [UInt8]) {
        receivedBytes += bytes.count
        lastRefusal = nil
        received.take(timeline, at: lsn, bytes)
    }

    /// What does not fit is given up, and asked for again at the next try. PostgreSQL's walreceiver
    /// dies of it and is started anew.
    private func foundDiskFull(from lsn: LSN) {
        process.report(lsn, .diskFull)
        process.diskHealth = .full
        wire.hangUp()
        perform(receiver.connectionClosed())
        settledIfSo()
    }

    private func store(_ timeline: Timeline, _ history: TimelineHistory) {
        process.disk.submit(.writeHistory(timeline, history)) { [weak self] result in
            if case .failed(let failure) = result { self?.process.fail(failure) }
        }
    }

    /// Follows the upstream onto its next timeline. The segment with the fork is begun as a copy by
    /// the first write to it.
    private func follow(_ timeline: Timeline, _ history: TimelineHistory) {
        process.disk.submit(.writeHistory(timeline, history)) { [weak self] result in
            guard let self else { return }
            if case .failed(let failure) = result { return process.fail(failure) }
            process.history = history
            perform(receiver.timelineSwitched(to: timeline, now: time))
        }
    }

    /// Whether all that was received is durable and replayed, as far as its last whole record.
    var isSettled: Bool { received.isDurable }

    /// Work for a stillness: making durable what arrived, else a word to the upstream.
    func quiet() -> Bool {
        if !isSettled { return sync() }
        let actions = receiver.quiet(now: time)
        perform(actions)
        return !actions.isEmpty
    }

    @discardableResult
    private func sync() -> Bool { process.failure == nil && received.sync() }

    private func flushed(upTo lsn: LSN, _ pieces: [ReceivedWAL.Stretch]) {
        receiver.walFlushed(upTo: lsn)
        if process.isOutOfRoom, process.isInRecovery { process.diskHealth = .works }
        process.durable(upTo: lsn)
        for piece in pieces {
            process.recentWAL.append(at: piece.at, piece.bytes)
            reader.feed(piece.bytes)
        }
        replay()
        settledIfSo()
        connectWhenDurable()
    }

    private func replay() {
        defer { receiver.walReplayed(upTo: process.database.insertLSN) }
        while !hasFailed {
            switch reader.next() {
            case .needsMoreBytes: return
            case .record(let record, let start, let end): redo(record, start, end)
            case .endOfLog(let lsn, let reason): return stopReplay(at: lsn, "\(reason)")
            case .corrupt(let lsn, let stored, let computed):
                let stored = String(stored, radix: 16)
                let computed = String(computed, radix: 16)
                return stopReplay(at: lsn, "checksum \(stored) stored, \(computed) computed")
            }
        }
    }

    private func redo(_ record: WALRecord, _ start: LSN, _ end: LSN) {
        do throws(RedoFailure) {
            redoneRecords += 1
            if start < process.database.insertLSN { repeatedRecords += 1 }
            try process.database.redo(record, start: start, end: end)
        } catch {
            stopReplay(at: start, error.description)
        }
    }

    /// What the upstream sent cannot be replayed: following on would only make it worse.
    private func stopReplay(at lsn: LSN, _ reason: String) {
        hasFailed = true
        process.report(lsn, .replayStopped(at: lsn, reason: reason))
        stop()
    }
}
