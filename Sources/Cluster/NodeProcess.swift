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
    let report: (LSN, LabEvent.Kind) -> Void
    var database: Database
    var history: TimelineHistory
    var role: Role = .primary
    /// The own log is durable up to here (last byte + 1).
    private(set) var flushLSN: LSN
    private(set) var failure: DiskFailure?

    private var gate: CommitGate<Int>
    private var isFlushing = false
    private var backends: [Int: Backend] = [:]
    private var nextBackend = 1
    private var isStopping = false

    init(
        name: String, lab: LabLoop, disk: NodeDisk, recovered: Recovered,
        history: TimelineHistory, report: @escaping (LSN, LabEvent.Kind) -> Void
    ) {
        self.name = name
        self.lab = lab
        self.disk = disk
        self.report = report
        self.history = history
        database = recovered.database
        flushLSN = recovered.report.end
        gate = CommitGate(flushLSN: recovered.report.end)
        lab.stepper.addLull("node \(name)") { [weak self] in self?.quiet() ?? false }
    }

    var now: LabInstant { lab.stepper.now }
    var standby: Standby? {
        switch role {
        case .primary: nil
        case .standby(let standby): standby
        }
    }

    /// What a replication client is told about this server.
    var server: WALSender.Server {
        WALSender.Server(
            systemIdentifier: database.systemIdentifier, timeline: database.timeline,
            history: history, flushLSN: flushLSN, segmentSize: database.segmentSize,
            now: LabTime.postgres(now))
    }

    // MARK: Connections

    /// Someone connected to the node's port.
    func accept(_ connection: Connection) {
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

    private func flushed(_ result: DiskResult) {
        isFlushing = false
        switch result {
        case .walFlushed(let lsn):
            durable(upTo: lsn)
            flush()
        case .failed(let failure):
            fail(failure)
        case .done, .walWritten, .wal, .history, .segmentsRemoved, .oldestWAL:
            preconditionFailure("appendWAL answered \(result)")
        }
    }

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

    // MARK: Stillness

    /// Work for when nothing else moves; says whether there was any.
    private func quiet() -> Bool {
        var worked = standby?.quiet() ?? false
        for backend in senders where backend.pump() { worked = true }
        return worked
    }

    // MARK: The end

    /// Power loss: sockets reset, memory gone, disk as it is.
    func kill() {
        lab.stepper.removeLull("node \(name)")
        standby?.kill()
        for backend in backends.values { backend.kill() }
        backends = [:]
        disk.abandon()
    }

    /// Clean stop, first step: no new commits; senders drain.
    func beginStop() {
        isStopping = true
        standby?.stop()
        for id in backends.keys.sorted() { backends[id]?.serverStops() }
    }

    /// Whether everything that was sent has been confirmed by those who still listen.
    var isDrained: Bool { backends.values.allSatisfy { $0.isDrained } }

    /// Clean stop, last step: whoever has not confirmed is cut off.
    func finishStop() {
        lab.stepper.removeLull("node \(name)")
        for backend in backends.values { backend.close() }
        backends = [:]
        disk.close()
    }
}
