import Network
import Replication
import Storage
package import WALFormat
import WireProtocol

/// A node's own log on its way to disk: carries out what `LogFlushing` asks for.
///
/// - Touched on the lab's loop only.
package final class LogWriter {
    private unowned let process: NodeProcess
    private var machine: LogFlushing<Int>
    /// What became durable since the node was last at rest.
    private(set) var recent = RecentWAL()
    /// Jobs that wait behind the WAL, by number.
    private var jobs: [Int: (job: DiskJob, done: (DiskResult) -> Void)] = [:]
    /// Who wants to hear how a flush ends, by number.
    private var listeners: [Int: (DiskAnswer) -> Void] = [:]
    private var lastNumber = 0
    /// What the disk said when it last said no.
    private var trouble = DiskFailure.abandoned

    init(process: NodeProcess, flushLSN: LSN, newestSegment: UInt64) {
        self.process = process
        machine = LogFlushing(flushLSN: flushLSN, newestSegment: newestSegment)
    }

    /// The log is durable up to here (last byte + 1).
    package var flushLSN: LSN { machine.flushLSN }
    /// How many commits wait for it.
    var waitingCount: Int { machine.waitingCount }
    /// The newest segment ahead of the log.
    var newestSegment: UInt64 { machine.newestSegment }

    // MARK: Flushing

    /// Says whether a backend may answer its client at once; otherwise it is called when the log is
    /// durable up to `lsn`.
    func commitInserted(by backend: Int, endingAt lsn: LSN) -> Bool {
        let isDurable = machine.commitInserted(backend, endingAt: lsn)
        if !isDurable { process.reached(.insert, upTo: lsn) { [weak self] in self?.flush() } }
        return isDurable
    }

    /// Makes what was inserted durable; says whether that sets anything off.
    @discardableResult
    func flush() -> Bool { perform(machine.flush(taking: inserted)) }

    /// The same; `ended` hears whether it is durable.
    func flush(ended: @escaping (DiskAnswer) -> Void) {
        lastNumber += 1
        listeners[lastNumber] = ended
        perform(machine.flush(for: lastNumber, taking: inserted))
    }

    /// Asks for a job that must not reach the disk before the WAL inserted so far.
    func submitBehind(_ job: DiskJob, done: @escaping (DiskResult) -> Void) {
        lastNumber += 1
        jobs[lastNumber] = (job, done)
        perform(machine.submitBehind(lastNumber, taking: inserted))
    }

    /// A standby has made durable what it received.
    func received(upTo lsn: LSN) {
        let actions = machine.received(upTo: lsn)
        process.database.flushed(upTo: flushLSN)
        perform(actions)
    }

    /// Takes note of what is to be passed on without a look at the disk.
    func remember(at lsn: LSN, _ bytes: [UInt8]) { recent.append(at: lsn, bytes) }

    /// The node is at rest: whoever is behind is served from the disk.
    func forgetRecent() { recent.clear() }

    /// The log goes on from `lsn`, on a new timeline: nothing waits.
    func beginTimeline(at lsn: LSN) {
        machine.beginTimeline(at: lsn)
        recent.clear()
    }

    /// A standby follows its upstream onto another timeline.
    func followedTimeline() { machine.followedTimeline() }

    private func inserted() -> LogFlushing<Int>.Stretch? {
        process.database.takeWAL().map { .init(start: $0.at, bytes: $0.bytes) }
    }

    // MARK: The disk

    /// What it can still do.
    var health: LogFlushing<Int>.Health { machine.health }

    /// Why the disk has failed; nil: it has not.
    var failure: DiskFailure? {
        switch machine.health {
        case .works, .full: nil
        case .failed: trouble
        }
    }

    /// Whether the disk is full.
    var isOutOfRoom: Bool { machine.health == .full }

    /// The disk failed: nothing is acknowledged any more, and waiting clients hear why.
    func fail(_ failure: DiskFailure) {
        guard self.failure == nil else { return }
        trouble = failure
        perform(machine.failed(failure.description))
    }

    /// Another job did not come about. Lack of room harms nothing; all else is the disk's end.
    func met(_ failure: DiskFailure) {
        if !failure.isLackOfRoom { fail(failure) }
    }

    /// A standby found no room for what it received. Says nothing: whoever found it tells.
    func foundFull() { _ = machine.foundFull() }

    /// Refuses a change while the disk is full, and looks whether it still is. PostgreSQL's 53100.
    func checkHasRoom() throws(ServerError) {
        guard isOutOfRoom else { return }
        tryForRoom()
        throw ServerError(
            code: .diskFull, message: "could not extend the write-ahead log: disk full",
            hint: "Make room and try again; reads go on.")
    }

    /// Makes the next segment ahead of the log; says whether it set that off.
    func makeRoom() -> Bool {
        perform(machine.makeRoom(behind: process.database.insertLSN, process.database.segmentSize))
    }

    /// Somebody may have made room: looks, and goes on where the log stopped.
    func tryForRoom() {
        perform(
            machine.tryForRoom(behind: process.database.insertLSN, process.database.segmentSize))
    }

    /// Old segments were renamed to stand ahead of the log, up to this one.
    func recycled(upTo segment: UInt64) { machine.recycled(upTo: segment) }
}

// What the machine asks for.
extension LogWriter {
    @discardableResult
    private func perform(_ actions: [LogFlushing<Int>.Action]) -> Bool {
        for action in actions { perform(action) }
        return !actions.isEmpty
    }

    private func perform(_ action: LogFlushing<Int>.Action) {
        switch action {
        case .append(let stretch): append(stretch)
        case .prepare(let segment): prepare(segment)
        case .madeDurable(let stretch, let lsn):
            recent.append(at: stretch.start, stretch.bytes)
            process.database.flushed(upTo: lsn)
        case .release(let backend): process.backends[backend]?.logIsFlushed()
        case .abandon(let backend, _): process.backends[backend]?.logFlushFailed(trouble)
        case .submit(let number):
            guard let (job, done) = jobs.removeValue(forKey: number) else { return }
            process.disk.submit(job, done: done)
        case .refuse(let number, _): jobs.removeValue(forKey: number)?.done(.failed(trouble))
        case .ended(let number, let answer): listeners.removeValue(forKey: number)?(answer)
        case .flushMore: flush()
        case .report(let event): report(event)
        case .interruptLife: process.promotionMeets(trouble)
        }
    }

    private func append(_ stretch: LogFlushing<Int>.Stretch) {
        let job = DiskJob.appendWAL(
            process.database.timeline, at: stretch.start, bytes: stretch.bytes)
        process.disk.submit(job) { [weak self] result in
            guard let self else { return }
            switch result {
            case .walFlushed(let lsn): appended(upTo: lsn)
            case .failed(let failure): failed(failure) { $0.appended($1, upTo: stretch.start) }
            case .done, .walWritten, .wal, .history, .segmentsRemoved, .oldestWAL, .read:
                preconditionFailure("appendWAL answered \(result)")
            }
        }
    }

    private func appended(upTo lsn: LSN) {
        let actions = machine.appended(.done, upTo: lsn)
        process.reached(.flush, upTo: lsn) { [weak self] in
            guard let self else { return }
            perform(actions)
            process.reached(.ack, upTo: lsn)
        }
    }

    private func prepare(_ segment: UInt64) {
        let start = process.database.segmentSize.start(of: segment)
        let job = DiskJob.prepareWAL(process.database.timeline, at: start)
        process.disk.submit(job) { [weak self] result in
            guard let self else { return }
            switch result {
            case .failed(let failure): failed(failure) { $0.prepared(segment, $1) }
            case .done, .walWritten, .walFlushed, .wal, .history, .segmentsRemoved, .oldestWAL,
                .read:
                perform(machine.prepared(segment, .done))
            }
        }
    }

    /// A job of the log's own did not come about.
    private func failed(
        _ failure: DiskFailure,
        _ event: (inout LogFlushing<Int>, DiskAnswer) -> [LogFlushing<Int>.Action]
    ) {
        if self.failure == nil { trouble = failure }
        perform(event(&machine, DiskAnswer(failure)))
    }

    private func report(_ event: LogFlushing<Int>.Event) {
        let told: NodeEvent =
            switch event {
            case .full: .diskFull
            case .hasRoom: .diskHasRoom
            case .failed: .diskFailed(trouble)
            }
        process.report(process.database.insertLSN, told)
    }
}
