import Glibc
import LabClock
import Replication
import Synchronization
import Testing
import WALFormat
import WireProtocol

@testable import Cluster
@testable import Storage

/// Clients that commit at once share an fdatasync, and each hears OK only after the one that covers
/// its COMMIT record. The disk is held at each sync, so that nothing here depends on time.
struct GroupCommitTests {
    private static let clientCount = 32

    /// A primary on a disk that waits at every fdatasync, and its clients.
    private final class Scene {
        let lab: Lab
        let disk: MemoryFileSystem
        let gate = SyncGate()
        let clients: [ServerTestClient]

        init() throws {
            let lab = try Lab(LabOptions(replicas: 0, usesMemory: true))
            self.lab = lab
            clients = try (0..<GroupCommitTests.clientCount).map { _ in try ServerTestClient(lab) }
            disk = try #require(try lab.fileSystem(of: "p") as? MemoryFileSystem)
            disk.intercept { [gate] operation, _ in
                operation == .syncData ? gate.arrive() : nil
            }
        }

        deinit {
            gate.open()
            lab.close()
        }

        /// All commit at once: the first one's sync is under way when the others' COMMITs come.
        func commitAll(_ round: Int) throws {
            write(by: 0, round)
            gate.waitForArrival()
            for number in 1..<clients.count { write(by: number, round) }
            try waitUntilWaiting(clients.count)
        }

        private func write(by number: Int, _ round: Int) {
            clients[number].send(.query("INSERT INTO kv VALUES ('k\(number):\(round)', 'v')"))
        }

        /// Goes on when so many clients wait for the log: their statements have all been run.
        func waitUntilWaiting(_ count: Int) throws {
            while try waitingCount() < count, !clients.contains(where: \.hasAnswer) {
                sched_yield()
            }
            #expect(try waitingCount() == count)
        }

        func waitingCount() throws -> Int {
            try lab.onLoop { cluster throws(LabFailure) in
                try cluster.process(of: "p").log.gate.waitingCount
            }
        }

        /// The rows that a power loss at this moment would leave. (Not while the disk is held.)
        func durableRows() throws -> Set<String> {
            let found = disk.crash(.nothing, seed: 0)
            let node = try Recovery.run(try DataDirectory.open(found), at: LabTime.start)
            return Set(node.database.rows().map(\.key))
        }

        func keys(_ numbers: Range<Int>, _ round: Int) -> Set<String> {
            Set(numbers.map { "k\($0):\(round)" })
        }
    }

    @Test func `thirty-two commits at once take two fdatasyncs, and none is told OK too soon`()
        throws
    {
        let scene = try Scene()
        let all = 0..<Self.clientCount
        for round in 1...3 {
            try scene.commitAll(round)
            // The first sync covers one COMMIT and is not over: nobody has heard anything.
            #expect(all.allSatisfy { !scene.clients[$0].hasAnswer })
            scene.gate.letPass()
            scene.gate.waitForArrival()
            #expect(scene.clients[0].readUntilReady() == [.tag("INSERT 0 1"), .ready("I")])
            // The second covers all the others' and is not over.
            #expect(try scene.waitingCount() == Self.clientCount - 1)
            #expect(all.allSatisfy { !scene.clients[$0].hasAnswer })
            scene.gate.letPass()
            for number in all.dropFirst() {
                let said = scene.clients[number].readUntilReady()
                #expect(said == [.tag("INSERT 0 1"), .ready("I")])
            }
            #expect(scene.gate.arrivals == 2 * round)
            #expect(try scene.durableRows().isSuperset(of: scene.keys(all, round)))
        }
    }

    @Test func `nobody sees a commit before the fdatasync that covers it`() throws {
        let scene = try Scene()
        let reader = try ServerTestClient(scene.lab)
        func seen() -> Set<String> {
            Set(
                reader.query("SELECT key FROM kv").compactMap { said in
                    if case .row(let values) = said { values[0] } else { nil }
                })
        }
        try scene.commitAll(1)
        #expect(seen().isEmpty)
        #expect(reader.query("SELECT count(*) FROM kv").first == .row(["0"]))
        scene.gate.letPass()
        scene.gate.waitForArrival()
        _ = scene.clients[0].readUntilReady()
        #expect(seen() == ["k0:1"])
        scene.gate.letPass()
        for client in scene.clients.dropFirst() { _ = client.readUntilReady() }
        #expect(seen() == scene.keys(0..<Self.clientCount, 1))
    }

    /// Told of a row that is not durable, it would have seen it.
    @Test func `a change that finds nothing to do waits for the commit that left it nothing`()
        throws
    {
        let scene = try Scene()
        scene.clients[0].send(.query("INSERT INTO kv VALUES ('a', '1')"))
        scene.gate.waitForArrival()
        scene.clients[1].send(.query("INSERT INTO kv VALUES ('a', '2') ON CONFLICT DO NOTHING"))
        try scene.waitUntilWaiting(2)
        #expect(!scene.clients[1].hasAnswer)
        scene.gate.open()
        #expect(scene.clients[0].readUntilReady() == [.tag("INSERT 0 1"), .ready("I")])
        #expect(scene.clients[1].readUntilReady() == [.tag("INSERT 0 0"), .ready("I")])
    }

    /// Whoever ends the segment waits behind those who committed after he did.
    @Test func `a segment ended long before its Sync keeps nobody's order`() throws {
        let scene = try Scene()
        let client = scene.clients[0]
        client.send(
            .parse(Parse(query: "SELECT pg_switch_wal()")), .bind(Bind()),
            .execute(portal: "", maximumRows: 0), .flush)
        #expect(client.next() == .parseComplete)
        scene.clients[1].send(.query("INSERT INTO kv VALUES ('a', '1')"))
        scene.gate.waitForArrival()
        scene.clients[2].send(.query("INSERT INTO kv VALUES ('b', '1')"))
        try scene.waitUntilWaiting(2)
        client.send(.sync)
        try scene.waitUntilWaiting(3)
        scene.gate.open()
        #expect(client.readUntilReady().last == .ready("I"))
        for other in scene.clients[1...2] {
            #expect(other.readUntilReady() == [.tag("INSERT 0 1"), .ready("I")])
        }
    }

    @Test func `when the shared fdatasync fails nobody is told OK, and nobody sees a commit of it`()
        throws
    {
        let scene = try Scene()
        try scene.commitAll(1)
        scene.gate.letPass()
        scene.gate.waitForArrival()
        #expect(scene.clients[0].readUntilReady() == [.tag("INSERT 0 1"), .ready("I")])
        scene.gate.fail(with: EIO)
        for client in scene.clients.dropFirst() {
            #expect(client.readUntilReady() == [.error("!58030")])
            #expect(client.isHungUpOn)
        }
        let reader = try ServerTestClient(scene.lab)
        #expect(reader.query("SELECT key FROM kv").first == .row(["k0:1"]))
        #expect(reader.query("SELECT count(*) FROM kv").first == .row(["1"]))
        #expect(reader.query("DELETE FROM kv").first == .error("58030"))
        #expect(scene.lab.snapshot()["p"]?.positions?.commits == 1)
        #expect(try scene.durableRows() == ["k0:1"])
    }
}

/// Holds a disk at each of its syncs until it is let pass.
private final class SyncGate: @unchecked Sendable {
    // POSIX lets any thread use a semaphore at any time; its address never changes.
    private let arrived = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    private let passes = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    private let state = Mutex<(arrivals: Int, isOpen: Bool, failure: Int32?)>((0, false, nil))

    init() {
        sem_init(arrived, 0, 0)
        sem_init(passes, 0, 0)
    }

    /// Syncs begun so far.
    var arrivals: Int { state.withLock { $0.arrivals } }

    /// The disk's thread has come to a sync. Answers the error to fail it with.
    func arrive() -> Int32? {
        let isOpen = state.withLock { state in
            state.arrivals += 1
            return state.isOpen
        }
        guard !isOpen else { return nil }
        sem_post(arrived)
        while sem_wait(passes) != 0 {}
        return state.withLock { $0.failure }
    }

    func waitForArrival() {
        while sem_wait(arrived) != 0 {}
    }

    /// The sync that is held is done.
    func letPass() { sem_post(passes) }

    /// The sync that is held fails, and those to come are not held.
    func fail(with code: Int32) {
        state.withLock { state in
            state.failure = code
            state.isOpen = true
        }
        sem_post(passes)
    }

    /// Holds nothing any more.
    func open() {
        state.withLock { $0.isOpen = true }
        sem_post(passes)
    }
}

extension ServerTestClient {
    /// Whether the server has said anything since.
    fileprivate var hasAnswer: Bool {
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&poller, 1, 0) > 0
    }
}
