import DatabaseNode
import LabClock
import Network
import Replication
import Storage
import WALFormat
import WireProtocol

/// The lab's nodes, the wires between them, and the ledger of what clients were told.
///
/// It is the loop's side of `Lab`: every method is one step, done when it returns or when the
/// loop has settled afterwards; who waits for that is `Lab`.
///
/// - Touched on the lab's loop only, which is what `@unchecked Sendable` stands on.
final class Cluster: @unchecked Sendable {
    /// The base backups there were.
    struct BaseBackups {
        /// How the last one of each node ended.
        var outcomes: [String: Result<BackupReport, LabFailure>] = [:]
    }

    let lab: LabLoop
    /// With which outside programs may encrypt their connections, to any node.
    private let tls: ServerTLS?
    /// In the lab's order: `p`, `r1`, `r2` and on.
    private(set) var nodes: [Node] = []
    var ledger = ClientLedger()
    private(set) var events: [LabEvent] = []
    /// What each replica's upstream has last refused it, and where that left it.
    private var refusals: [String: Refusal] = [:]
    /// The promotions there were.
    var timelines = Timelines()
    /// A command has damaged a node's files: what follows from that is no defect.
    var hasDamagedFiles = false
    /// What all nodes are configured with.
    var settings = NodeSettings() {
        didSet {
            for node in nodes { node.process?.settings = settings }
        }
    }
    /// What outside programs are asked for, or would be.
    var password: Password?
    /// The base backups there were.
    var baseBackups = BaseBackups()
    /// The PostgreSQL member, while there is one.
    var postgres: PostgresMember?
    /// The base backup it is to start on, while that is made.
    var postgresBackup: PostgresBackup?
    /// What PostgreSQL members that are gone, or were filled anew, had confirmed.
    var formerlyConfirmed = ReachedLog()
    /// The name that is kept for it.
    var postgresName: String?
    /// The lab's client has at most one transaction open.
    var openTransaction: OpenTransaction?

    /// The clients of reads that last.
    let longReaders = LongReaders()

    /// How far a long run is.
    let progress = LabProgress()
    /// Whether a replica is too far behind.
    let lagWatch: LagWatch
    /// Reads that are left to a policy.
    let reads = RoutedReads()
    /// Who writes the heartbeat's row.
    let heartbeat: Heartbeat
    /// Who watches the primary.
    let monitor: Monitor
    /// The application's clients, and the route by which they find the primary.
    private(set) lazy var fleet = ClientFleet(lab: lab, seed: seed) { [weak self] in
        self?.write($0, $1, on: $2, over: $3, done: $4)
    } tell: { [weak self] in
        self?.heard($0)
    }

    /// A commit that is to be stopped on its way.
    private(set) var commitWalk: CommitWalk?

    /// The log of another server that is being read.
    var tail: TailShell?

    /// The failovers there were, and what they took.
    private(set) var failovers = FailoverWatch()

    /// Decides what looks like chance on the wires.
    private let seed: UInt64

    init(lab: LabLoop, seed: UInt64, tls: ServerTLS?) {
        self.lab = lab
        self.seed = seed
        self.tls = tls
        lagWatch = LagWatch(lab: lab)
        heartbeat = Heartbeat(lab: lab)
        monitor = Monitor(lab: lab, seed: seed)
        monitor.tell = { [weak self] in self?.tell($0) }
        lab.stepper.addLull(ClientEvent.name) { [weak self] in self?.fleet.look() ?? false }
        lab.stepper.addLull("heartbeat") { [weak self] in self?.beatHeart() ?? false }
        lab.stepper.addLull("monitor") { [weak self] in self?.monitor.look() ?? false }
        lab.stepper.addLull("watch") { [weak self] in
            self?.watchChanges()
            return self?.watchLag() ?? false
        }
        lab.stepper.addLull("reads") { [weak self] in self?.sendWaitingReads() ?? false }
    }

    var now: LabInstant { lab.stepper.now }

    func addNode(
        _ name: String, storage: NodeStorage, upstream: String?, seen: LastSeen
    ) throws(ListenFailure) {
        nodes.append(
            try Node(name: name, storage: storage, upstream: upstream, seen: seen, lab: lab) {
                [weak self] node, lsn, event in
                self?.happened(event, on: node, at: lsn)
            })
        nodes.last?.client.connectionLost = { [weak self] in self?.transactionLost(on: name) }
        nodes.last?.tellOfCommit = { [weak self] commit in
            guard let self else { return }
            ledger.told(commit, by: name, at: now)
        }
    }

    /// A node of the lab's own by its name, or `.isPostgres`, `.isDetached`, `.noSuchNode`.
    func node(_ name: String) throws(LabFailure) -> Node {
        switch try member(name) {
        case .node(let node): return node
        case .postgres: throw .isPostgres(name)
        }
    }

    /// A node's process that runs, or `.isDown`, `.isFrozen`.
    func process(of name: String) throws(LabFailure) -> NodeProcess {
        let node = try node(name)
        guard let process = node.process else { throw .isDown(name, node.state) }
        guard !node.isFrozen else { throw .isFrozen(name) }
        return process
    }

    /// A standby that is up, or why it is none.
    func standby(_ name: String) throws(LabFailure) -> Standby {
        guard let standby = try process(of: name).standby else { throw .isPrimary(name) }
        return standby
    }

    /// The link of a replica, up or down; the monitor's own.
    func link(of name: String) throws(LabFailure) -> Link {
        if name == MonitorReport.name {
            guard let link = monitor.link else { throw .monitor(.isOff) }
            return link
        }
        guard let link = try member(name).link else { throw .isPrimary(name) }
        return link
    }

    /// The node that the word `primary` means.
    var primary: Node {
        let candidates = nodes.filter { $0.role == .primary }
        let newest = candidates.max { timeline(of: $0) < timeline(of: $1) }
        return newest ?? nodes[0]
    }

    /// The newest timeline that any node has ever been on, or may be on after a promotion that
    /// failed.
    var newestTimeline: Timeline { max(timelines.claimed, nodes.map(timeline).max() ?? .first) }

    func timeline(of node: Node) -> Timeline {
        node.process?.database.timeline ?? node.seen?.log?.lineage.current ?? .first
    }

    /// A replica's upstream that refuses it is asked again and again: that is told once.
    private struct Refusal: Hashable {
        let upstream: LabSnapshot.Role?
        let error: ServerError
        let lsn: LSN
    }

    private func happened(_ event: NodeEvent, on name: String, at lsn: LSN) {
        if case .receiver(.refused(let error)) = event {
            // It was let in, only to be refused: no stream.
            events.removeAll { $0.node == name && $0.time == now && $0.isStreaming }
            let role = nodes.first { $0.name == name }?.role
            let refusal = Refusal(upstream: role, error: error, lsn: lsn)
            guard refusals.updateValue(refusal, forKey: name) != refusal else { return }
        }
        events.append(LabEvent(time: now, node: name, lsn: lsn, kind: .node(event)))
    }

    /// The next refusal is news again.
    func forgetRefusal(of name: String) {
        refusals[name] = nil
    }

    /// Forgets events that are no news.
    func keepEvents(_ isNews: (LabEvent) -> Bool) {
        events.removeAll { !isNews($0) }
    }

    /// Something has happened that is to be told.
    func happened(_ kind: LabEvent.Kind, on name: String, at lsn: LSN = .invalid) {
        events.append(LabEvent(time: now, node: name, lsn: lsn, kind: kind))
    }

    /// Something has happened that a failover is made of.
    func watchFailovers<Value>(_ body: (inout FailoverWatch) -> Value) -> Value {
        body(&failovers)
    }

    /// Events since the last call, by time, node (in the order of the lab) and position.
    func takeEvents() -> [LabEvent] {
        guard !events.isEmpty else { return [] }
        defer { events = [] }
        let places = Dictionary(uniqueKeysWithValues: zip(nodes.map(\.name), nodes.indices))
        func key(_ event: LabEvent) -> (LabInstant, Int, LSN) {
            (event.time, places[event.node] ?? nodes.count, event.lsn)
        }
        return events.sorted { key($0) < key($1) }
    }

    // MARK: Starting

    /// Starts a node on its opened directory; a standby connects to its upstream.
    func start(_ name: String, _ opened: OpenedDirectory) throws(LabFailure) {
        let node = try node(name)
        do throws(ListenFailure) {
            let process = try node.start(opened, settings, tls: tls)
            if timelines.death?.primary == name { timelines.death = nil }
            watchFailovers { $0.returned(name) }
            process.watchCommits(by: commitWalk)
            guard process.isInRecovery else { return node.closeLink() }
            let link = try wire(node, to: node.upstream ?? Node.firstPrimary)
            process.follow(upstream(of: node, over: link), slot: node.slotName)
        } catch {
            throw .cannotListen(node: name, reason: error.description)
        }
    }

    /// The wire of a standby to an upstream. One to a new upstream takes over the faults of the
    /// old: a replica that is cut off stays cut off. How long it is depends on both.
    func wire(_ node: Node, to upstream: String) throws(ListenFailure) -> Link {
        let name = "\(upstream)-\(node.name)"
        if let link = node.link, link.name == name { return link }
        let link = try Link(name: name, lab: lab, seed: seed) { [weak self] in
            (try? self?.node(upstream))?.openPort
        }
        if let old = node.link {
            link.adoptFaults(of: old)
            old.close()
        }
        stretch(link, of: node, before: node.upstream, now: upstream)
        node.link = link
        node.upstream = upstream
        alignLinks()
        return link
    }

    private func upstream(of node: Node, over link: Link) -> Standby.Upstream {
        Standby.Upstream(port: { link.port }) { [weak self, weak node] in
            guard let self, let upstream = node?.role.upstream else { return nil }
            return self.node(up: upstream)?.server
        }
    }

    /// Makes a standby follow another upstream, at once.
    func repoint(_ member: Member, to upstream: String) throws(LabFailure) {
        switch member {
        case .postgres(let postgres):
            postgres.follow(upstream)
            alignLinks()
        case .node(let node):
            do throws(ListenFailure) {
                let link = try wire(node, to: upstream)
                node.process?.standby?.connect(to: self.upstream(of: node, over: link))
            } catch {
                throw .cannotListen(node: node.name, reason: error.description)
            }
        }
    }

    /// Power loss, and the zone around it: with `deliversWire` what its wires hold still arrives.
    func losePower(
        _ name: String, deliversWire: Bool, survival: Survival, seed: UInt64
    ) throws(LabFailure) {
        let node = try node(name)
        guard node.process != nil || node.seeding != nil else { throw .isDown(name, node.state) }
        noteDeath(of: name)
        node.crash()
        forgetArrivals(at: name)
        node.storage.losePower(survival, seed: seed)
        node.clientLink.sever()
        monitor.sever(name)
        fleet.sever(name)
        if !deliversWire { wires(at: name).forEach { $0.sever() } }
        if commitWalk?.node == name { endCommitWalk() }
    }

    /// A commit is watched on its way from now on; nil: none is.
    func watch(_ walk: CommitWalk?) {
        commitWalk = walk
        for node in nodes { node.process?.watchCommits(by: walk) }
    }

    /// The wires with an end at a node.
    func wires(at name: String) -> [Link] {
        members.filter { $0.name == name || $0.upstream == name }.compactMap(\.link)
    }
}
