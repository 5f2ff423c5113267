import Replication
import Storage
package import WALFormat
import WireProtocol

/// What a node knows of its own log on the way to disk.
struct LogState {
    /// The one append that there may be.
    enum Flush {
        case idle
        case underWay
        /// It found the disk full, and is asked for again when there is room.
        case heldBack(at: LSN, bytes: [UInt8])
    }

    /// Who waits for the log to be durable.
    var gate: CommitGate<Int>
    /// How the WAL inserted last gets to disk.
    var flush = Flush.idle
    /// Jobs that must not reach the disk before the WAL inserted so far.
    var behindFlush: [(job: DiskJob, done: (DiskResult) -> Void)] = []
    /// Who wants to hear how the flush under way, or the next one, ends.
    var awaitingFlush: [(DiskAnswer) -> Void] = []
    /// The newest segment made or recycled ahead of the log, and whether the disk is making one.
    var preparedSegment: UInt64 = 0
    var isPreparing = false
}

/// The own log: group commit, and room made ahead.
extension NodeProcess {
    /// The next segment is made when less than this is left of the present one; so the WAL of a
    /// change that was let in finds room, whatever the disk has left.
    private static let roomByteCount = 128 << 10

    /// Says whether `backend` may answer its client at once; otherwise it is called when the log is
    /// durable up to `lsn`.
    func awaitFlush(upTo lsn: LSN, for backend: Backend) -> Bool {
        let isDurable = log.gate.commitInserted(backend.id, endingAt: lsn)
        if !isDurable { flush() }
        return isDurable
    }

    /// Makes what was inserted durable; says whether there was anything. Commits that come
    /// meanwhile share the next flush.
    @discardableResult
    func flush() -> Bool {
        guard failure == nil, let wal = pendingWAL() else { return false }
        log.flush = .underWay
        disk.submit(.appendWAL(database.timeline, at: wal.at, bytes: wal.bytes)) {
            [weak self] result in self?.flushed(result, wal)
        }
        return true
    }

    /// The same; `ended` hears whether it is durable.
    func flush(ended: @escaping (DiskAnswer) -> Void) {
        log.awaitingFlush.append(ended)
        flush()
    }

    private func pendingWAL() -> (at: LSN, bytes: [UInt8])? {
        switch log.flush {
        case .underWay: return nil
        case .idle: return database.takeWAL()
        case .heldBack(let start, let bytes):
            guard !isOutOfRoom else { return nil }
            return (start, bytes + (database.takeWAL()?.bytes ?? []))
        }
    }

    /// Asks for a job that must not reach the disk before the WAL inserted so far.
    func submitBehindWAL(_ job: DiskJob, done: @escaping (DiskResult) -> Void) {
        if case .underWay = log.flush { return log.behindFlush.append((job, done)) }
        flush()
        disk.submit(job, done: done)
    }

    private func flushed(_ result: DiskResult, _ wal: (at: LSN, bytes: [UInt8])) {
        log.flush = .idle
        switch result {
        case .walFlushed(let lsn):
            recentWAL.append(at: wal.at, wal.bytes)
            durable(upTo: lsn)
            flushEnded(.done)
            flush()
            for (job, done) in log.behindFlush { disk.submit(job, done: done) }
            log.behindFlush = []
        case .failed(let failure) where failure.isLackOfRoom:
            log.flush = .heldBack(at: wal.at, bytes: wal.bytes)
            runOutOfRoom()
            cutOff(failure)
            flushEnded(DiskAnswer(failure))
        case .failed(let failure):
            fail(failure)
        case .done, .walWritten, .wal, .history, .segmentsRemoved, .oldestWAL, .read:
            preconditionFailure("appendWAL answered \(result)")
        }
    }

    private func flushEnded(_ answer: DiskAnswer) {
        let waiting = log.awaitingFlush
        log.awaitingFlush = []
        for ended in waiting { ended(answer) }
    }

    /// The own log is durable up to `lsn`: what committed is seen, and whoever waited hears OK.
    func durable(upTo lsn: LSN) {
        flushLSN = max(flushLSN, lsn)
        database.flushed(upTo: lsn)
        for id in log.gate.walFlushed(upTo: lsn) { backends[id]?.logIsFlushed() }
    }

    /// Readers see the table as the log has it up to here: what is replayed, or durable.
    package var visibleLSN: LSN { min(database.insertLSN, flushLSN) }

    /// The disk failed: nothing is acknowledged any more, and waiting clients hear why.
    func fail(_ failure: DiskFailure) {
        guard self.failure == nil else { return }
        diskHealth = .failed(failure)
        report(database.insertLSN, .diskFailed(failure))
        cutOff(failure)
        let behind = log.behindFlush
        log.behindFlush = []
        for (_, done) in behind { done(.failed(failure)) }
        flushEnded(DiskAnswer(failure))
        promotionMeets(failure)
    }

    /// Why the disk has failed; nil: it has not.
    var failure: DiskFailure? {
        switch diskHealth {
        case .works, .full: nil
        case .failed(let failure): failure
        }
    }

    /// Whether the disk is full.
    var isOutOfRoom: Bool {
        switch diskHealth {
        case .works, .failed: false
        case .full: true
        }
    }

    /// Whoever waits for the log is told why there is no OK, and is left not knowing: what was not
    /// written for lack of room may be, when there is some.
    private func cutOff(_ failure: DiskFailure) {
        for id in log.gate.abandonAll() { backends[id]?.logFlushFailed(failure) }
    }

    /// A checkpoint did not come about. What found no room is left to the next one.
    func checkpointFailed(_ failure: DiskFailure) {
        if !failure.isLackOfRoom { fail(failure) }
    }

    /// The log goes on from `lsn`, on a new timeline: nothing waits.
    func restartLog(at lsn: LSN) {
        flushLSN = lsn
        log = LogState(gate: CommitGate(flushLSN: lsn))
        recentWAL.clear()
    }
}

// A full disk.
extension NodeProcess {
    /// Refuses a change while the disk is full, and looks whether it still is. PostgreSQL's 53100.
    func checkHasRoom() throws(ServerError) {
        guard isOutOfRoom else { return }
        tryForRoom()
        throw ServerError(
            code: .diskFull, message: "could not extend the write-ahead log: disk full",
            hint: "Make room and try again; reads go on.")
    }

    /// Makes the next segment ahead of the log; says whether it set that off.
    func prepareRoom() -> Bool {
        let size = database.segmentSize
        let next = size.number(containing: database.insertLSN) + 1
        let left = size.start(of: next) - database.insertLSN
        guard !isInRecovery, failure == nil, !isOutOfRoom, !log.isPreparing,
            left < Self.roomByteCount, log.preparedSegment < next
        else { return false }
        prepare(next)
        return true
    }

    /// Somebody may have made room: looks, and goes on where the log stopped.
    func tryForRoom() {
        guard isOutOfRoom, !log.isPreparing else { return }
        prepare(database.segmentSize.number(containing: database.insertLSN) + 1)
    }

    private func prepare(_ segment: UInt64) {
        log.isPreparing = true
        let start = database.segmentSize.start(of: segment)
        disk.submit(.prepareWAL(database.timeline, at: start)) { [weak self] result in
            guard let self else { return }
            log.isPreparing = false
            switch result {
            case .failed(let failure) where failure.isLackOfRoom:
                runOutOfRoom()
            case .failed(let failure):
                fail(failure)
            case .done, .walWritten, .walFlushed, .wal, .history, .segmentsRemoved, .oldestWAL,
                .read:
                log.preparedSegment = max(log.preparedSegment, segment)
                findRoom()
            }
        }
    }

    private func runOutOfRoom() {
        guard !isOutOfRoom, failure == nil else { return }
        diskHealth = .full
        report(database.insertLSN, .diskFull)
    }

    private func findRoom() {
        guard isOutOfRoom else { return }
        diskHealth = .works
        report(database.insertLSN, .diskHasRoom)
        flush()
    }
}
