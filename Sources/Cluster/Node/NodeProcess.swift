import LabClock
import Network
import Replication
import Storage
import WALFormat
import WireProtocol

/// A running node: everything that a crash wipes out. The shell that carries out what the pure
/// machines ask for, on its disk and its sockets.
///
/// Work that can wait until nothing more is arriving (sending, a replica's fsync and its reports)
/// is done in `quiet`, which the stepper calls at each stillness; so what is sent never depends on
/// which socket the kernel woke first.
///
/// - Touched on the lab's loop only.
/// - The client's OK leaves only after `fdatasync` of the COMMIT record.
final class NodeProcess {
    /// What it does with the log.
    enum Role {
        case primary
        case standby(Standby)
    }

    let name: String
    let lab: LabLoop
    let disk: NodeDisk
    /// What recovery did when the node was started.
    let recovery: RecoveryReport
    /// Tells the lab of something worth reading, at a position.
    let report: (LSN, LabEvent.Kind) -> Void
    var database: Database
    var history: TimelineHistory
    var role: Role = .primary
    /// The own log is durable up to here (last byte + 1).
    var flushLSN: LSN
    private(set) var failure: DiskFailure?

    /// A clean stop is under way: no new clients, no new changes.
    var isStopping = false
    /// The clean stop's checkpoint is on disk.
    var hasCheckpointed = false
    var backends: [Int: Backend] = [:]
    private var gate: CommitGate<Int>
    private var isFlushing = false
    private var behindFlush: [(job: DiskJob, done: (DiskResult) -> Void)] = []
    private var nextBackend = 1

    init(
        name: String, lab: LabLoop, disk: NodeDisk, recovered: Recovered,
        history: TimelineHistory, report: @escaping (LSN, LabEvent.Kind) -> Void
    ) {
        self.name = name
        self.lab = lab
        self.disk = disk
        self.report = report
        self.history = history
        recovery = recovered.report
        database = recovered.database
        // A primary's recovery has written on behind the log's end; a standby's waits there.
        let end = database.isReadOnly ? recovered.report.end : database.insertLSN
        flushLSN = end
        gate = CommitGate(flushLSN: end)
        lab.stepper.addLull("node \(name)") { [weak self] in self?.quiet() ?? false }
    }

    var now: LabInstant { lab.stepper.now }
    var isInRecovery: Bool { database.isReadOnly }
    var standby: Standby? {
        switch role {
        case .primary: nil
        case .standby(let standby): standby
        }
    }

    /// The timeline of the log's end: a standby's log may have gone on to a timeline whose first
    /// record is not replayed yet.
    var logTimeline: Timeline { standby?.receiver.timeline ?? database.timeline }

    /// What a replication client is told about this server.
    var server: WALSender.Server {
        WALSender.Server(
            systemIdentifier: database.systemIdentifier, timeline: logTimeline,
            history: history, flushLSN: flushLSN, segmentSize: database.segmentSize,
            now: LabTime.postgres(now))
    }

    // MARK: Connections

    /// Someone connected to the node's port.
    func accept(_ connection: Connection) {
        guard !isStopping else { return connection.close() }
        let id = nextBackend
        nextBackend += 1
        backends[id] = Backend(id: id, connection: connection, process: self)
    }

    func backendEnded(_ id: Int) {
        backends[id] = nil
    }

    /// The replication connections, oldest first.
    var senders: [Backend] {
        backends.keys.sorted().compactMap { backends[$0] }.filter { $0.sender != nil }
    }

    // MARK: The own log

    /// Says whether `backend` may answer its client at once; otherwise it is called when the log is
    /// durable up to `lsn`.
    func awaitFlush(upTo lsn: LSN, for backend: Backend) -> Bool {
        let isDurable = gate.commitInserted(backend.id, endingAt: lsn)
        if !isDurable { flush() }
        return isDurable
    }

    /// Makes what was inserted durable. Commits that come meanwhile share the next flush.
    func flush() {
        guard !isFlushing, failure == nil, let wal = database.takeWAL() else { return }
        isFlushing = true
        disk.submit(.appendWAL(database.timeline, at: wal.at, bytes: wal.bytes)) {
            [weak self] result in self?.flushed(result)
        }
    }

    /// Asks for a job that must not reach the disk before the WAL inserted so far.
    func submitBehindWAL(_ job: DiskJob, done: @escaping (DiskResult) -> Void) {
        guard !isFlushing else { return behindFlush.append((job, done)) }
        flush()
        disk.submit(job, done: done)
    }

    private func flushed(_ result: DiskResult) {
        isFlushing = false
        switch result {
        case .walFlushed(let lsn):
            durable(upTo: lsn)
            flush()
            for (job, done) in behindFlush { disk.submit(job, done: done) }
            behindFlush = []
        case .failed(let failure):
            fail(failure)
        case .done, .walWritten, .wal, .history, .segmentsRemoved, .oldestWAL:
            preconditionFailure("appendWAL answered \(result)")
        }
    }

    /// The own log is durable up to `lsn`: whoever waited for that hears OK.
    func durable(upTo lsn: LSN) {
        flushLSN = max(flushLSN, lsn)
        for id in gate.walFlushed(upTo: lsn) { backends[id]?.commitIsDurable() }
    }

    /// The disk failed: nothing is acknowledged any more, and waiting clients hear why.
    func fail(_ failure: DiskFailure) {
        guard self.failure == nil else { return }
        self.failure = failure
        report(database.insertLSN, .diskFailed(failure))
        for id in gate.abandonAll() { backends[id]?.commitFailed(failure) }
    }

    /// The log goes on from `lsn`, on a new timeline: nothing waits.
    func restartGate(at lsn: LSN) {
        flushLSN = lsn
        gate = CommitGate(flushLSN: lsn)
    }

    /// Refuses a change that the node cannot make, in PostgreSQL's words.
    func checkMayWrite(_ verb: String) throws(ServerError) {
        if let failure {
            throw ServerError(
                code: .ioError, message: "cannot execute \(verb): \(failure)",
                hint: "The node does not know what is durable. Restart it.")
        }
        guard !isInRecovery else {
            throw ServerError(
                code: .readOnlySQLTransaction,
                message: "cannot execute \(verb) in a read-only transaction")
        }
        guard !isStopping else {
            throw ServerError(
                severity: .fatal, code: .adminShutdown,
                message: "the database system is shutting down")
        }
    }

    // MARK: Stillness

    /// Work for when nothing else moves; says whether there was any.
    private func quiet() -> Bool {
        var worked = standby?.quiet() ?? false
        for backend in senders where backend.pump() { worked = true }
        return worked
    }
}
