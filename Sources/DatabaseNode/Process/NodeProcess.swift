import LabClock
package import Network
package import Replication
package import Storage
package import WALFormat
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
package final class NodeProcess {
    /// What it does with the log.
    enum Role {
        case primary
        case standby(Standby)
    }

    /// What a node can be in the middle of, besides its day's work.
    enum Life {
        case running
        case promoting(Promotion, ended: (PromotionEnd) -> Void)
        case stopping(CleanStop)
    }

    let name: String
    let lab: LabLoop
    let disk: PacedDisk
    /// Where commands make the disk fail.
    let faults: FaultyFileSystem
    /// What recovery did when the node was started.
    package let recovery: RecoveryReport
    /// Tells the lab of something worth reading, at a position.
    let report: (LSN, NodeEvent) -> Void
    /// With which outside programs may encrypt their connections.
    let tls: ServerTLS?
    package internal(set) var database: Database
    package internal(set) var history: TimelineHistory
    var role: Role = .primary

    /// What it is configured with.
    package var settings: NodeSettings {
        didSet {
            guard settings != oldValue else { return }
            database.compressImages(with: settings.imageCompression)
            standby?.settingsChanged()
            for backend in senders { backend.settingsChanged() }
        }
    }
    /// What its own work takes in lab time.
    package var costs: NodeCosts {
        didSet {
            guard costs != oldValue else { return }
            disk.fsync = costs.fsync
            standby?.costsChanged()
        }
    }
    /// What keeps it from writing although it could.
    package private(set) var fence: WriteFence
    private(set) lazy var leaseDeadline = Deadline(
        lab: lab, owner: "lease \(name)", suspension: suspension
    ) { [weak self] in self?.leaseIsDue() }
    /// Which of its connections streams to which replica.
    var registry = SenderRegistry()
    /// The WAL it has promised to keep, and for whom.
    package internal(set) var slots: SlotTable
    /// Who asked for something of a slot, besides connections.
    var slotWaiters = SlotWaiters()
    /// The oldest segment of the own log that is still on disk.
    package internal(set) var oldestSegment: UInt64
    /// Where recovery would begin, as the control data on disk have it.
    private(set) var redo: LSN
    /// How much log lies between two checkpoints.
    private(set) var checkpointDistance = CheckpointDistance()

    /// What it is in the middle of.
    var life = Life.running
    package private(set) lazy var checkpointer = Checkpointer(process: self)
    var backends: [Int: Backend] = [:]
    /// Those of its sessions that read from a snapshot.
    private(set) var snapshots = OpenSnapshots()
    /// Whether it was stopped where it stands.
    let suspension = Suspension()
    /// What it has ever handed to its sockets towards each replica, by name.
    package private(set) var sent: [String: ReachedLog] = [:]
    /// Called when an outside program is told OK of a commit.
    private(set) var tellOfCommit: (OutsideCommit) -> Void = { _ in }
    /// Who looks on while its commits go through their stages.
    private weak var commitWatch: (any CommitWatch)?
    /// What outside programs did since somebody asked.
    var outside = OutsideTally()
    /// The own log on its way to disk.
    package private(set) var log: LogWriter!
    private var nextBackend = 1

    package init(
        name: String, lab: LabLoop, opened: OpenedDirectory, settings: NodeSettings,
        costs: NodeCosts = .none, fence: WriteFence = WriteFence(), tls: ServerTLS?,
        report: @escaping (LSN, NodeEvent) -> Void
    ) {
        let recovered = opened.recovered
        self.name = name
        self.lab = lab
        disk = PacedDisk(
            NodeDisk(opened.worker, lab: lab), lab: lab, owner: "disk \(name)",
            suspension: suspension, fsync: costs.fsync)
        faults = opened.faults
        self.report = report
        self.tls = tls
        history = opened.history
        self.settings = settings
        self.costs = costs
        self.fence = fence
        slots = opened.slots
        oldestSegment = opened.oldestSegment
        redo = recovered.database.redo
        recovery = recovered.report
        database = recovered.database
        database.compressImages(with: settings.imageCompression)
        // A primary's recovery has written on behind the log's end; a standby's waits there.
        let end = database.isReadOnly ? recovered.report.end : database.insertLSN
        log = LogWriter(process: self, flushLSN: end, newestSegment: opened.newestSegment)
        lab.stepper.addLull("node \(name)") { [weak self] in self?.quiet() ?? false }
        watchLease()
    }

    /// The own log is durable up to here (last byte + 1).
    package var flushLSN: LSN { log.flushLSN }

    /// Readers see the table as the log has it up to here: what is replayed, or durable.
    package var visibleLSN: LSN { min(database.insertLSN, flushLSN) }

    var now: LabInstant { lab.stepper.now }
    package var isInRecovery: Bool { database.isReadOnly }
    package var standby: Standby? {
        switch role {
        case .primary: nil
        case .standby(let standby): standby
        }
    }

    /// The timeline of the log's end: a standby's log may have gone on to a timeline whose first
    /// record is not replayed yet.
    package var logTimeline: Timeline { standby?.receiver.timeline ?? database.timeline }

    /// What a replication client is told about this server.
    package var server: WALSender.Server {
        WALSender.Server(
            systemIdentifier: database.systemIdentifier, timeline: logTimeline,
            history: history, flushLSN: flushLSN, segmentSize: database.segmentSize,
            now: LabTime.postgres(now), timeout: settings.walSenderTimeout,
            nextXID: database.nextXID)
    }

    // MARK: Connections

    /// Somebody keeps it from writing, or lets it go again.
    func change(_ fence: WriteFence) { self.fence = fence }

    /// Someone connected to the node's port.
    package func accept(_ connection: Connection) {
        guard !isStopping else { return connection.close() }
        let id = nextBackend
        nextBackend += 1
        backends[id] = Backend(id: id, connection: connection, process: self)
    }

    /// So many clients would have come and gone by now, if anybody had gone through it.
    package func leftOut(connections count: Int) {
        nextBackend += count
    }

    /// A checkpoint is on disk: recovery would begin at its redo point.
    func checkpointTaken(_ plan: CheckpointPlan) {
        database.checkpointIsOnDisk(plan)
        checkpointDistance.checkpointTaken(from: redo, to: plan.control.redo)
        redo = plan.control.redo
    }

    /// Becomes a standby of an upstream, and connects.
    package func follow(_ upstream: Standby.Upstream, slot: String?) {
        let standby = Standby(process: self, upstream: upstream, slot: slot)
        role = .standby(standby)
        standby.connect()
    }

    /// A session goes on seeing the table as it is now.
    func openSnapshot(for session: Int) {
        let reader = OpenSnapshots.Reader(snapshot: database.snapshot, since: now)
        snapshots.open(reader, by: session)
    }

    /// It sees what everybody sees. What it was in the way of goes on at the next stillness.
    func closeSnapshot(of session: Int) { snapshots.close(by: session) }

    func backendEnded(_ id: Int) {
        closeSnapshot(of: id)
        backends[id] = nil
        senderFinished(id, confirmedBy: nil)
        let number = Int32(truncatingIfNeeded: id)
        registry.ended(number)
        carryOut(slots.cleanUp(after: number))
    }

    /// The replication connections, oldest first.
    var senders: [Backend] {
        backends.keys.sorted().compactMap { backends[$0] }.filter { $0.sender != nil }
    }

    /// Refuses a change that the node cannot make, in PostgreSQL's words.
    func checkMayWrite(_ verb: String) throws(ServerError) {
        if let failure = log.failure {
            throw ServerError(
                code: .ioError, message: "cannot execute \(verb): \(failure)",
                hint: "The node does not know what is durable. Restart it.")
        }
        try log.checkHasRoom()
        guard !isInRecovery else {
            throw ServerError(
                code: .readOnlySQLTransaction,
                message: "cannot execute \(verb) in a read-only transaction")
        }
        try checkIsNotFenced(verb)
        guard !isStopping else {
            throw ServerError(
                severity: .fatal, code: .adminShutdown,
                message: "the database system is shutting down")
        }
    }

    // MARK: Stillness

    /// Work for when nothing else moves; says whether there was any. What was inserted and nobody
    /// waits for is flushed here, as PostgreSQL's walwriter does: so changes of an open transaction
    /// are shipped.
    private func quiet() -> Bool {
        guard !suspension.isOn else { return false }
        var worked = standby?.quiet() ?? false
        if !isInRecovery, log.makeRoom() { worked = true }
        if log.flush() { worked = true }
        if checkpointIfDue() { worked = true }
        if sendWAL() { worked = true }
        if !worked { log.forgetRecent() }
        return worked
    }

    /// Says whether there was anything to send.
    private func sendWAL() -> Bool {
        var hasSent = false
        for backend in senders where backend.pump() { hasSent = true }
        if hasSent, let sent = sentPositions.values.max() { reached(.send, upTo: sent) }
        return hasSent
    }
}

// Commits on their way.
extension NodeProcess {
    /// Somebody looks on from now on while commits go through their stages; nil: nobody.
    package func watchCommits(by watch: (any CommitWatch)?) { commitWatch = watch }

    /// Whether it is to do this stage apart from the next.
    func isAwaiting(_ stage: CommitStage) -> Bool {
        commitWatch?.isAwaiting(stage, on: name) ?? false
    }

    /// Commits up to `lsn` have come so far. What follows is done now; or, if the node was stopped
    /// here, when it runs again.
    func reached(_ stage: CommitStage, upTo lsn: LSN, then next: @escaping () -> Void = {}) {
        guard let commitWatch, commitWatch.hasReached(stage, upTo: lsn, on: name) else {
            return next()
        }
        suspension.afterwards(next)
    }
}

extension NodeProcess {
    /// A replica's stream has left for its socket up to here.
    func noteSent(_ stream: WALSender, to replica: String) {
        sent[replica, default: ReachedLog()].extend(to: stream.sent, on: stream.timeline, history)
    }

    /// Who is to hear of commits that outside programs are told of.
    package func tellOfCommits(to listener: @escaping (OutsideCommit) -> Void) {
        tellOfCommit = listener
    }
}
