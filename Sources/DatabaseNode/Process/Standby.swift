package import LabClock
import Network
package import Replication
import SQLServer
import Storage
import WALFormat
package import WireProtocol

/// The shell of a standby's receiver: the socket to the upstream, the own log, and its replay.
///
/// What arrives is made durable in the own log when nothing more is arriving; only then is it
/// replayed. Then the upstream is told. PostgreSQL: the walreceiver.
///
/// - Replay never passes what is durable here.
/// - A new connection begins at the flush position; what was written and not durable is fetched
///   again.
package final class Standby {
    /// What it goes for.
    private enum Intent {
        /// The stream, or the next try.
        case follow
        /// A new connection, when what was received is durable.
        case connect
        /// No more WAL. Who asked for that hears, once, when what was received is durable and
        /// replayed.
        case stop(settled: (() -> Void)?)
    }

    package private(set) var receiver: WALReceiver
    /// WAL bytes received since the process started, repeats included.
    package private(set) var receivedBytes = 0
    /// The replay of what is durable.
    package var replay: Replay { startup.replay }
    /// The present stream's beginning; nil before the first.
    package private(set) var resumption: Resumption?
    /// What the upstream has against the stream; nil once WAL has come after all.
    package private(set) var lastRefusal: ServerError?

    unowned let process: NodeProcess
    private var upstream: Upstream
    private var wire: UpstreamWire!
    private(set) var deadline: Deadline!
    private(set) var startup: StartupProcess!
    private(set) var received: ReceivedWAL!
    private var intent = Intent.follow
    private var fullDisk = FullDisk()

    init(process: NodeProcess, upstream: Upstream, slot: String?) {
        self.process = process
        self.upstream = upstream
        let database = process.database
        receiver = WALReceiver(
            name: process.name, systemIdentifier: database.systemIdentifier,
            timeline: database.timeline, flushLSN: process.flushLSN,
            replayLSN: database.insertLSN, slot: slot, timing: process.settings.receiver)
        received = ReceivedWAL(disk: process.disk) { [weak self] news in self?.heard(news) }
        wire = UpstreamWire { [weak self] news in self?.heard(news) }
        deadline = Deadline(
            lab: process.lab, owner: "receiver \(process.name)", suspension: process.suspension
        ) { [weak self] in
            guard let self, !isStopped else { return }
            perform(receiver.deadlineReached(now: time) + feedback())
        }
        startup = StartupProcess(
            Replay(on: database), of: process.name, cost: process.costs.apply, lab: process.lab,
            suspension: process.suspension
        ) { [weak self] in self?.replayDurable() }
    }

    private var isStopped: Bool {
        switch intent {
        case .stop: true
        case .follow, .connect: false
        }
    }

    var time: PostgresTime { LabTime.postgres(process.now) }

    /// Waits as the node's settings have it, from now on.
    func settingsChanged() {
        receiver.timing = process.settings.receiver
        if !isStopped { perform([]) }
        replayDurable()
    }

    /// Replay takes as long as the node's costs have it, from the next record on.
    func costsChanged() {
        replayDurable()
        startup.take(process.costs.apply)
    }

    // MARK: Connecting

    /// Drops the connection, and does not try again until it is told to connect.
    package func hangUp() {
        wire.hangUp()
        perform(receiver.stop())
    }

    /// Connects now, dropping a connection there may be, as soon as what was received is durable.
    package func connect(to upstream: Upstream? = nil) {
        if let upstream { self.upstream = upstream }
        lastRefusal = nil
        hangUp()
        resumption = nil
        guard !isStopped else { return }
        intent = .connect
        connectWhenDurable()
    }

    private func connectWhenDurable() {
        guard case .connect = intent else { return }
        guard received.isDurable else {
            sync()
            return
        }
        intent = .follow
        perform(receiver.connect(now: time))
    }

    /// Asks for another slot, or none, with the next stream.
    package func use(slot: String?) {
        receiver.slot = slot
    }

    /// No more WAL: for a promotion or a clean stop. What is being written still gets durable;
    /// `settled` is called when it is, and replayed.
    func stop(settled: @escaping () -> Void = {}) {
        intent = .stop(settled: settled)
        perform(receiver.stop())
        deadline.cancel()
        wire.hangUp()
        settledIfSo()
        sync()
    }

    /// The promotion it was stopped for has come to nothing.
    func resume() {
        intent = .follow
        connect()
    }

    private func settledIfSo() {
        guard isSettled, case .stop(let settled?) = intent else { return }
        intent = .stop(settled: nil)
        settled()
    }

    /// A power loss.
    func kill() {
        intent = .stop(settled: nil)
        deadline.cancel()
        startup.kill()
        wire.reset()
    }

    private func dial() {
        guard let port = upstream.port() else {
            return perform(receiver.connectionClosed(now: time))
        }
        wire.dial { [lab = process.lab] in lab.dial(port: port, answered: $0) }
    }

    /// Whether a try would only hear the present refusal again: the upstream answers from what it
    /// was when it refused, or is down. Such a try is left out, so that a year with a diverged
    /// replica costs the lab nothing.
    private var wouldBeRefusedAgain: Bool {
        guard let refusal = receiver.refusal, receiver.retryAt != nil else { return false }
        guard let server = upstream.server() else { return true }
        return receiver.refusal(by: server) == refusal
    }

    private func moveDeadline() {
        if wouldBeRefusedAgain { return deadline.cancel() }
        if receiver.refusal != nil { receiver.retriesLeftOut(now: time) }
        deadline.move(to: receiver.nextDeadline)
    }
}

// The socket.
extension Standby {
    private func heard(_ news: UpstreamWire.News) {
        switch news {
        case .connected: perform(receiver.dialled(now: time))
        case .message(let message): perform(receiver.received(message, now: time))
        case .refused, .closed: perform(receiver.connectionClosed(now: time))
        case .broken(let error):
            process.report(receiver.receivedLSN, .receiver(.protocolViolation("\(error)")))
            wire.hangUp()
            perform(receiver.connectionClosed(now: time))
        }
    }

    private func perform(_ actions: [WALReceiver.Action]) {
        for action in actions { perform(action) }
        moveDeadline()
    }

    private func perform(_ action: WALReceiver.Action) {
        switch action {
        case .dial: dial()
        case .send(let message): wire.send(message.encoded())
        case .sendStatus(let status):
            wire.send(ReplicationMessage.statusUpdate(status).framed())
        case .sendFeedback(let feedback):
            wire.send(ReplicationMessage.hotStandbyFeedback(feedback).framed())
        case .writeWAL(let timeline, let lsn, let bytes): write(timeline, lsn, bytes)
        case .storeHistory(let timeline, let history): store(timeline, history)
        case .switchTimeline(let timeline, let history): follow(timeline, history)
        case .disconnect: wire.hangUp()
        case .report(let event): report(event)
        }
    }

    private func report(_ event: WALReceiver.Event) {
        switch event {
        case .streaming(let lsn, _):
            resumption = Resumption(
                lsn: lsn, receivedBytes: receivedBytes, redoneRecords: replay.redoneRecords)
        case .refused(let error): lastRefusal = error
        case .disconnected, .timedOut, .stopped, .followed, .protocolViolation: break
        }
        guard !fullDisk.hides(event) else { return }
        process.report(receiver.receivedLSN, .receiver(event))
    }
}

// The own log, and replay.
extension Standby {
    private func heard(_ news: ReceivedWAL.News) {
        switch news {
        case .written(let lsn):
            receiver.walWritten(upTo: lsn)
            process.reached(.receive, upTo: lsn)
            guard let place = fullDisk.written(upTo: lsn) else { return }
            process.report(
                lsn, .receiver(.streaming(from: place, timeline: receiver.timeline)))
        case .flushed(let lsn, let pieces): flushed(upTo: lsn, pieces)
        case .diskFull(let lsn): foundDiskFull(from: lsn)
        case .failed(let failure): process.log.fail(failure)
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
        if fullDisk.isNews { process.report(lsn, .diskFull) }
        process.log.foundFull()
        wire.hangUp()
        perform(receiver.connectionClosed(now: time))
        fullDisk.found(from: lsn)
        settledIfSo()
    }

    private func store(_ timeline: Timeline, _ history: TimelineHistory) {
        process.disk.submit(.writeHistory(timeline, history)) { [weak self] result in
            guard let self else { return }
            if case .failed(let failure) = result { return process.log.fail(failure) }
            perform(receiver.historyStored(timeline, now: time))
        }
    }

    /// Follows the upstream onto its next timeline. The segment with the fork is begun as a copy by
    /// the first write to it.
    private func follow(_ timeline: Timeline, _ history: TimelineHistory) {
        process.disk.submit(.writeHistory(timeline, history)) { [weak self] result in
            guard let self else { return }
            if case .failed(let failure) = result { return process.log.fail(failure) }
            process.history = history
            process.log.followedTimeline()
            perform(receiver.timelineSwitched(to: timeline, now: time))
        }
    }

    /// Work for a stillness: making durable what arrived, else a word to the upstream.
    func quiet() -> Bool {
        let hasReplayed = replayDurable()
        if !received.isDurable { return sync() || hasReplayed }
        let actions = receiver.quiet(now: time) + feedback()
        perform(actions)
        return hasReplayed || !actions.isEmpty
    }

    /// What the upstream is to hear of the readers here, and of those who follow from here.
    private func feedback() -> [WALReceiver.Action] {
        guard receiver.isFeedbackDue(now: time) else { return [] }
        return receiver.tellFeedback(xmin: process.neededXmin, now: time)
    }

    @discardableResult
    private func sync() -> Bool {
        process.log.failure == nil && received.sync(isWriteApart: process.isAwaiting(.receive))
    }

    private func flushed(upTo lsn: LSN, _ pieces: [ReceivedWAL.Stretch]) {
        receiver.walFlushed(upTo: lsn)
        process.log.received(upTo: lsn)
        for piece in pieces {
            process.log.remember(at: piece.at, piece.bytes)
            startup.feed(piece.bytes, upTo: piece.end)
        }
        process.reached(.persist, upTo: lsn) { [weak self] in
            self?.replayDurable()
            self?.connectWhenDurable()
        }
    }

    /// Says whether there was anything to replay.
    @discardableResult
    private func replayDurable() -> Bool {
        let before = replay.redoneRecords
        let wait = replay.wait
        let delay = process.settings[.maxStandbyStreamingDelay]
        let stop = startup.run(delay: delay) { replay, now in
            replay.run(on: &process.database, now: now, sparing: process.snapshots.xmin)
        } cancel: {
            process.cancelReaders(inTheWayOf: $0)
        }
        if let now = replay.wait, now != wait { process.reportWait(now) }
        receiver.walReplayed(upTo: process.database.insertLSN, isAll: startup.isCaughtUp)
        if let stop {
            process.report(stop.at, .replayStopped(at: stop.at, reason: stop.reason))
            self.stop()
        }
        settledIfSo()
        guard replay.redoneRecords > before else { return false }
        process.reached(.apply, upTo: process.database.insertLSN)
        return true
    }
}

// Rounds.
extension Standby {
    /// So much more WAL would have come by now, if rounds had been gone through: what a full disk
    /// has no room for comes again with every try.
    package func leftOut(receivedBytes byteCount: Int) { receivedBytes += byteCount }

    /// Makes everything that has happened since then, and all that is due, so much later.
    package func postpone(by duration: Duration, since start: LabInstant) {
        receiver.postpone(
            by: duration.wholeNanoseconds / 1_000, since: LabTime.postgres(start))
        deadline.postpone(by: duration)
    }
}
