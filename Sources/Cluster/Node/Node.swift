import LabClock
import Network
import Replication
import Storage
import WALFormat

/// One node of the lab: a name, a data directory, a port, and, while it is up, a process.
///
/// - Touched on the lab's loop only.
/// - It keeps its port for good, if the system lets it: programs that know it find it again.
final class Node {
    /// Whether it runs.
    enum Phase {
        case up(NodeProcess)
        /// A base backup is filling its directory, which held this before.
        case seeding(Seeding, before: LastSeen)
        case down(LastSeen)
    }

    let name: String
    let storage: NodeStorage
    private(set) var phase: Phase
    private(set) var listener: Listener?
    private(set) var port: Int?
    /// Whom it follows while it is a standby. Configuration: a promotion leaves it as it is.
    /// PostgreSQL: `primary_conninfo`.
    var upstream: String?
    /// A standby's wire to its upstream.
    var link: Link?
    /// The upstream's slot that it uses. PostgreSQL: `primary_slot_name`.
    var slotName: String?
    /// How far each replica had been sent to before the node last went down, for the ledger's
    /// column.
    var lastSent: [String: LSN] = [:]

    /// How often it was started: while the number stays, its process is the same.
    private(set) var startCount = 0

    private let lab: LabLoop
    private let report: (String, LSN, LabEvent.Kind) -> Void
    private(set) var client: LabClient!
    private(set) var clientLink: Link!

    init(
        name: String, storage: NodeStorage, upstream: String?, seen: LastSeen, lab: LabLoop,
        report: @escaping (String, LSN, LabEvent.Kind) -> Void
    ) throws(ListenFailure) {
        self.name = name
        self.storage = storage
        self.upstream = upstream
        phase = .down(seen)
        self.lab = lab
        self.report = report
        clientLink = try Link(name: "c-\(name)", lab: lab) { [weak self] in self?.openPort }
        client = LabClient(lab: lab) { [weak self] in
            self?.openPort == nil ? nil : self?.clientLink.port
        }
    }

    var process: NodeProcess? {
        switch phase {
        case .up(let process): process
        case .seeding, .down: nil
        }
    }

    var seeding: Seeding? {
        switch phase {
        case .seeding(let seeding, _): seeding
        case .up, .down: nil
        }
    }

    /// The port to connect to; nil when nobody listens there.
    var openPort: Int? { listener?.port }

    var state: LabSnapshot.State {
        switch phase {
        case .up(let process): process.state
        case .seeding(let seeding, _): .seeding(seeding.progress)
        case .down(let seen): seen.why == .crashed ? .crashed : .stopped
        }
    }

    /// What it does with the log, or did when it went down: its disk's word, and its memory's while
    /// it runs.
    var role: LabSnapshot.Role {
        let isPrimary =
            switch phase {
            case .up(let process): !process.isInRecovery
            case .seeding: false
            case .down(let seen): seen.isPrimary
            }
        return isPrimary ? .primary : .standby(upstream: upstream ?? Self.firstPrimary)
    }

    /// The node that is the primary of a new lab.
    static let firstPrimary = "p"

    /// What it has, or had when it went down; nil while its directory is filled.
    var seen: LastSeen? {
        switch phase {
        case .up(let process): LastSeen(process)
        case .seeding: nil
        case .down(let seen): seen
        }
    }

    /// Starts the process on a directory that was opened and recovered, and listens.
    func start(
        _ opened: OpenedDirectory, _ settings: NodeSettings, tls: ServerTLS?
    ) throws(ListenFailure) -> NodeProcess {
        let listener = try listen()
        let process = NodeProcess(
            name: name, lab: lab, disk: NodeDisk(opened.directory, lab: lab), opened: opened,
            settings: settings, tls: tls
        ) { [name, report] lsn, kind in report(name, lsn, kind) }
        self.listener = listener
        port = listener.port
        phase = .up(process)
        startCount += 1
        return process
    }

    private func listen() throws(ListenFailure) -> Listener {
        let accepted: (Connection) -> Void = { [weak self] connection in
            guard let process = self?.process else { return connection.reset() }
            process.accept(connection)
        }
        guard let port else { return try lab.listen(accepted: accepted) }
        do {
            return try lab.listen(port: port, accepted: accepted)
        } catch {
            // Somebody took it meanwhile.
            return try lab.listen(accepted: accepted)
        }
    }

    /// A promotion is durable: it receives no more.
    func closeLink() {
        link?.close()
        link = nil
    }

    /// Power loss.
    func crash() {
        switch phase {
        case .up(let process):
            goDown(LastSeen(process, why: .crashed), process)
            process.kill()
        case .seeding(let seeding, _):
            stopListening()
            seeding.kill()
            phase = .down(LastSeen(why: .crashed, isPrimary: false))
        case .down: break
        }
        client.close()
    }

    /// The last step of a clean stop.
    func finishStop() {
        guard case .up(let process) = phase else { return }
        goDown(LastSeen(process, why: .stopped), process)
        process.finishStop()
        client.close()
    }

    private func goDown(_ seen: LastSeen, _ process: NodeProcess) {
        lastSent.merge(process.sentPositions) { max($0, $1) }
        stopListening()
        phase = .down(seen)
    }

    /// Its directory is to be filled anew: whoever ran on it is gone.
    func beginSeeding(_ seeding: Seeding) {
        if process != nil { crash() }
        phase = .seeding(seeding, before: seen ?? LastSeen(why: .stopped, isPrimary: false))
    }

    /// The directory is filled, or was left: nobody is at it.
    /// - Parameter isTouched: what was in it is gone.
    func endSeeding(isTouched: Bool) {
        guard case .seeding(_, let before) = phase else { return }
        phase = .down(
            isTouched ? LastSeen(why: .stopped, isPrimary: false) : before.stopped)
    }

    private func stopListening() {
        listener?.close()
        listener = nil
    }
}

/// A data directory that was opened and whose log was recovered: all of it blocking work, done
/// before the loop is asked.
struct OpenedDirectory: Sendable {
    let faults: FaultyFileSystem
    let directory: DataDirectory
    let recovered: Recovered
    let history: TimelineHistory
    let slots: SlotTable
    /// The number of the oldest segment of the log.
    let oldestSegment: UInt64
    /// That of the newest there is, which the log may not have come to.
    let newestSegment: UInt64

    /// Opens and recovers a node's files, at a lab time.
    init(_ storage: NodeStorage, at time: PostgresTime) throws(OpenFailure) {
        faults = FaultyFileSystem(storage.fileSystem)
        directory = try DataDirectory.open(faults, removedCommits: storage.removedCommits)
        slots = try SlotTable(restoringFrom: directory)
        recovered = try Recovery.run(directory, at: time)
        let size = recovered.database.segmentSize
        if case .oldestWAL(let start?, let newest) = directory.perform(.findOldestWAL) {
            oldestSegment = size.number(containing: start)
            newestSegment = newest
        } else {
            oldestSegment = size.number(containing: recovered.database.redo)
            newestSegment = 0
        }
        history = try directory.history(of: recovered.report.timeline)
    }
}

extension NodeProcess {
    /// How far each replica has been sent to, by its name.
    var sentPositions: [String: LSN] {
        senders.reduce(into: [:]) { positions, backend in
            guard let sent = backend.sender?.sentLSN else { return }
            positions[backend.applicationName] = max(
                positions[backend.applicationName] ?? sent, sent)
        }
    }
}
