import DatabaseNode
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
    /// Where it stands, for people to read.
    var region: String?
    /// What its own work takes in lab time, whenever it runs.
    var costs = NodeCosts.none {
        didSet { process?.costs = costs }
    }
    /// What its processes that are gone have sent to each replica.
    private(set) var formerlySent: [String: ReachedLog] = [:]
    /// What its directory held before its process last went down, or a base backup replaced it.
    private(set) var formerlyReceived = ReachedLog()

    /// It is switched off until somebody lets it have power again. STONITH.
    private(set) var hasNoPower = false
    /// What kept its process that is gone from writing.
    private var formerFence = WriteFence()
    /// What keeps it from writing, or will when it is up.
    var fence: WriteFence { process?.fence ?? formerFence }
    /// What is making a replica of its directory, while it is down.
    private(set) var rewinding: Rewinding?

    /// How often it was started: while the number stays, its process is the same.
    private(set) var startCount = 0

    /// Whether its process was stopped where it stands.
    private(set) var isFrozen = false
    /// Programs that its kernel has let connect meanwhile.
    private var backlog: [Connection] = []
    /// PostgreSQL's kernel keeps so many. Linux: `somaxconn`, cut by `max_connections`.
    private static let backlogLimit = 128

    /// What outside programs did to its processes that are gone, since somebody asked.
    private var outside = OutsideTally()

    private let lab: LabLoop
    /// Called when it has told an outside program OK of a commit.
    var tellOfCommit: (OutsideCommit) -> Void = { _ in }
    private let report: (String, LSN, NodeEvent) -> Void
    private(set) var client: LabClient!
    private(set) var clientLink: Link!

    init(
        name: String, storage: NodeStorage, upstream: String?, seen: LastSeen, lab: LabLoop,
        report: @escaping (String, LSN, NodeEvent) -> Void
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

    var state: NodeState {
        switch phase {
        case .up(let process): isFrozen ? .frozen : process.state
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
        // Who follows another has nothing to be kept from.
        if opened.recovered.database.isReadOnly { formerFence = WriteFence() }
        let process = NodeProcess(
            name: name, lab: lab, opened: opened, settings: settings, costs: costs,
            fence: formerFence, tls: tls
        ) { [name, report] lsn, event in report(name, lsn, event) }
        process.tellOfCommits { [weak self] commit in self?.tellOfCommit(commit) }
        self.listener = listener
        port = listener.port
        phase = .up(process)
        startCount += 1
        return process
    }

    private func listen() throws(ListenFailure) -> Listener {
        let accepted: (Connection) -> Void = { [weak self] connection in
            guard let self, let process else { return connection.reset() }
            guard isFrozen else { return process.accept(connection) }
            guard backlog.count < Self.backlogLimit else { return connection.reset() }
            connection.freeze()
            backlog.append(connection)
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

    /// Its process is stopped where it stands.
    func freeze() {
        isFrozen = true
        process?.freeze()
    }

    /// It runs again, and takes those who have connected meanwhile.
    func thaw() {
        isFrozen = false
        process?.thaw()
        // What was due may have stopped it again.
        guard !isFrozen else { return }
        let waiting = backlog
        backlog = []
        for connection in waiting {
            process?.accept(connection)
            connection.thaw()
        }
    }

    /// How far logs had got before the lab was opened.
    func remember(sent: [String: ReachedLog], received: ReachedLog) {
        formerlySent = sent
        formerlyReceived = received
    }

    /// Its power is off for good, or there again. It does not start by that.
    func cutPower() { hasNoPower = true }
    func restorePower() { hasNoPower = false }

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
        isFrozen = false
        for connection in backlog { connection.reset() }
        backlog = []
        formerlySent = sent
        formerlyReceived = received
        outside.add(process.takeOutsideTally())
        formerFence = process.fence
        stopListening()
        phase = .down(seen)
    }

    /// Its directory is to be filled anew: whoever ran on it is gone.
    func beginSeeding(_ seeding: Seeding) {
        if process != nil { crash() }
        formerlyReceived = received
        phase = .seeding(seeding, before: seen ?? LastSeen(why: .stopped, isPrimary: false))
    }

    /// The directory is filled, or was left: nobody is at it.
    /// - Parameter isTouched: what was in it is gone.
    func endSeeding(isTouched: Bool) {
        guard case .seeding(_, let before) = phase else { return }
        phase = .down(
            isTouched ? LastSeen(why: .stopped, isPrimary: false) : before.stopped)
    }

    /// Its directory is to be made another node's replica's, or may be.
    func beginRewind(_ rewinding: Rewinding) { self.rewinding = rewinding }

    /// Nobody is at the directory any more.
    /// - Parameter isTouched: it is no longer what it was.
    func endRewind(isTouched: Bool) {
        rewinding = nil
        guard isTouched, case .down = phase else { return }
        formerlyReceived = received
        phase = .down(LastSeen(why: .stopped, isPrimary: false))
    }

    /// What outside programs did since the last call.
    func takeOutsideTally() -> OutsideTally {
        defer { outside = OutsideTally() }
        var tally = outside
        if let process { tally.add(process.takeOutsideTally()) }
        return tally
    }

    private func stopListening() {
        listener?.close()
        listener = nil
    }
}
