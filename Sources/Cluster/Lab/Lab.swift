import DatabaseNode
package import LabClock
import Network
import Replication
import Storage
import WALFormat

/// The lab: a primary and its replicas, the wires between them, their clock, and the ledger of
/// what clients were told. What the prompt, lessons and transcripts hold in their hands.
///
/// - Every call comes from one thread, which is not the loop's; `interrupt` alone may come from
///   any. A call returns when the lab is still again, and lab time stands still in between.
/// - What it shows depends on the seed and the calls made, and on nothing else.
package final class Lab: @unchecked Sendable {
    /// The most lab time that a call may take by itself, where it has to wait for something:
    /// PostgreSQL's `wal_sender_timeout`.
    package static let patience = Duration.seconds(60)

    /// How the lab was started.
    package let options: LabOptions
    /// Whether a kept directory was reopened.
    package let wasReopened: Bool

    let loop: LabLoop
    private let cluster: Cluster
    var directory: LabDirectory
    let storages: [String: NodeStorage]
    private(set) var isClosed = false
    /// Called whenever the lab has come to rest; for who holds it against its invariants.
    package var judge: ((Lab) -> Void)?

    /// Starts a lab, or reopens the one in the options' directory, and waits until every replica
    /// that can streams.
    package init(_ options: LabOptions) throws(LabFailure) {
        self.options = options
        // Before anything is opened; a lab that is found in a directory may have more nodes.
        _ = try Self.outsideRoom(nodes: 1 + (options.replicas ?? 2))
        let tls = try ServerTLS(options.tls)
        var directory = try LabDirectory(options)
        wasReopened = directory.wasFound
        var opened: [OpenedNode] = []
        let told: [ClientLedger.Entry]?
        let room: OutsideRoom
        do throws(LabFailure) {
            let count = directory.note.nodeNames.count
            room = try Self.outsideRoom(nodes: count)
            try Self.checkThreads(nodes: count, on: directory.disks)
            let seed = directory.note.seed
            let names = directory.note.nodeNames
            if wasReopened {
                storages = try directory.storages()
            } else {
                let origin = options.isFromPostgres ? directory.path : nil
                storages = try directory.construct { storages throws(LabFailure) in
                    try Self.create(names, in: storages, seed: seed, postgresIn: origin)
                }
            }
            let time = LabTime.postgres(directory.note.clock)
            let (note, found, disks) = (directory.note, wasReopened, storages)
            opened = try Self.open(names) { name throws(LabFailure) in
                try OpenedNode(
                    disks[name], name, time, leftDown: found ? note.seen(name) : nil,
                    wasStandby: note.upstreams[name] != nil)
            }
            try Self.checkAnyIsUsable(opened)
            told = directory.isTemporary ? nil : try directory.ledger()
        } catch {
            directory.giveBack()
            throw error
        }
        let latest = opened.compactMap(\.directory?.recovered.database.lastCommitTime).max()
        directory.note.clock = max(directory.note.clock, latest.map(LabTime.instant) ?? .start)
        self.directory = directory
        loop = LabLoop(now: directory.note.clock)
        cluster = Cluster(lab: loop, seed: directory.note.seed, tls: tls)
        cluster.settings.room = room
        cluster.postgresName = directory.note.isFromPostgres ? Self.postgresName : nil
        if let told { cluster.ledger = ClientLedger(after: told) }
        cluster.timelines.forks = directory.note.timelines.forks
        cluster.timelines.failovers = directory.note.timelines.failovers
        cluster.timelines.claimed = directory.note.timelines.claimed
        do throws(LabFailure) {
            try start(opened)
        } catch {
            abandon()
            throw error
        }
    }

    /// Ends a call that is under way, at the next stillness. From any thread.
    package func interrupt() {
        loop.interrupt { [cluster] in cluster.cancelLongQueries() }
    }

    /// How far a call is that takes long. From any thread.
    package var progress: LabProgress { cluster.progress }

    /// Stops every node cleanly and gives back threads, ports and a temporary directory.
    package func close() {
        guard !isClosed else { return }
        save()
        isClosed = true
        if !directory.isTemporary {
            stopAll()
            saveLedger()
        }
        stopPostgres()
        onLoop { cluster in cluster.abandon() }
        settle()
        loop.shutDown()
        directory.giveBack()
    }

    deinit { close() }

    /// The nodes' names in the lab's order.
    package var nodeNames: [String] { directory.note.nodeNames }

    /// The lab's time.
    package var now: LabInstant { onLoop { cluster in cluster.now } }

    /// The seed of this lab.
    package var seed: UInt64 { directory.note.seed }

    /// What happened since the last call, in the order of (time, node, position).
    package func takeEvents() -> [LabEvent] { onLoop { cluster in cluster.takeEvents() } }

    /// The lab as it is now, and what happened since its events were last taken.
    ///
    /// A kept lab writes down how it is, too: one whose process is killed comes back so.
    package func look() -> (standing: Standing, events: [LabEvent]) {
        save()
        return onLoop { cluster in
            let standing = cluster.standing
            cluster.forgetCommitTimes(known: standing.snapshot)
            return (standing, cluster.takeEvents())
        }
    }

    /// Lets lab time pass. False: ^C ended it early.
    package func wait(_ duration: Duration) -> Bool {
        run { cluster in
            let rounds = Rounds(cluster)
            return .instant(cluster.now.advanced(by: duration)) { rounds.pass(goal: $0) }
        } != .interrupted
    }

    /// Opens and recovers a node's files; blocking.
    func open(_ node: String, at time: PostgresTime) throws(LabFailure) -> OpenedDirectory {
        try OpenedDirectory(of: node, storages[node], at: time)
    }

    /// What a node's log says was committed, what has been removed of it included.
    func committedLog(of node: String) throws(LabFailure) -> CommittedLog {
        let fileSystem = try fileSystem(of: node)
        do throws(OpenFailure) {
            return try CommittedLog(
                fileSystem, storages[node]?.removedCommits ?? RemovedCommits())
        } catch {
            throw .cannotOpen(node: node, error)
        }
    }

    /// Where the lab's files are.
    var directoryPath: String { directory.path }

    /// Whether the lab began as a PostgreSQL's cluster.
    var isFromPostgres: Bool { directory.note.isFromPostgres }

    /// A node's files, for those who read disks.
    func fileSystem(of node: String) throws(LabFailure) -> any FileSystem {
        if let storage = storages[node] { return storage.fileSystem }
        try onLoop { cluster throws(LabFailure) in _ = try cluster.node(node) }
        throw .noSuchNode(node)
    }
}

// The way onto the loop and back.
extension Lab {
    /// Does something on the loop.
    /// What it refuses has changed nothing; but looking may have set something going (a full disk
    /// is asked again, say), and no command may end before that has.
    func onLoop<Value: Sendable>(
        _ body: @escaping @Sendable (Cluster) throws(LabFailure) -> Value
    ) throws(LabFailure) -> Value {
        let cluster = cluster
        let result = try? loop.perform { () -> Result<Value, LabFailure> in
            do throws(LabFailure) {
                return .success(try body(cluster))
            } catch {
                return .failure(error)
            }
        }
        guard let result else { preconditionFailure("the lab was used after it was closed") }
        if case .failure = result { settle() }
        return try result.get()
    }

    func onLoop<Value: Sendable>(_ body: @escaping @Sendable (Cluster) -> Value) -> Value {
        let cluster = cluster
        guard let value = try? loop.perform({ body(cluster) }) else {
            preconditionFailure("the lab was used after it was closed")
        }
        return value
    }

    /// Moves the lab towards a goal.
    @discardableResult
    func run(_ goal: @escaping @Sendable (Cluster) -> Stepper.Goal) -> Stepper.End {
        run(goal) { $0 }
    }

    /// The same, and brings back what was made on the loop when the run had ended.
    func run<Value: Sendable>(
        _ goal: @escaping @Sendable (Cluster) -> Stepper.Goal,
        then fetch: @escaping @Sendable (Stepper.End) -> Value
    ) -> Value {
        let cluster = cluster
        let value = loop.run {
            goal(cluster)
        } then: {
            fetch($0)
        }
        judge?(self)
        return value
    }

    /// Waits until nothing moves and nothing is due at this instant.
    func settle() {
        run { cluster in
            cluster.lagWatch.turn(at: cluster.now)
            return .still
        }
        save()
    }

    /// Waits until a condition holds, as long as lab time allows.
    func run(
        within bound: Duration = patience, until holds: @escaping @Sendable (Cluster) -> Bool
    ) -> Stepper.End {
        run { cluster in
            .condition(by: cluster.now.advanced(by: bound)) { holds(cluster) }
        }
    }
}

// Closing.
extension Lab {
    /// The nodes in the order of a clean shutdown: upstreams first, so that they can drain.
    private func stopAll() {
        let snapshot = snapshot()
        let upstreams = snapshot.upstreams
        let up = snapshot.nodes.filter(\.isUp)
        for node in up.sorted(by: { upstreams.depth(of: $0.name) < upstreams.depth(of: $1.name) }) {
            _ = try? stop(node.name)
        }
    }

    private func abandon() {
        isClosed = true
        onLoop { cluster in cluster.abandon() }
        loop.shutDown()
        directory.giveBack()
    }
}
