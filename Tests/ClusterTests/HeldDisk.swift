import Glibc
import LabClock
import Replication
import Synchronization
import Testing
import WireProtocol

@testable import Cluster
@testable import DatabaseNode
@testable import Storage

/// A primary on a disk that waits at every fdatasync, and its clients.
final class HeldDisk {
    let lab: Lab
    let disk: MemoryFileSystem
    let gate = SyncGate()
    let clients: [ServerTestClient]
    /// With another program connected, a disk that is held does not hold the lab.
    private let idler: ServerTestClient

    init(clientCount: Int) throws {
        let lab = try watchedLab(LabOptions(replicas: 0, usesMemory: true))
        self.lab = lab
        clients = try (0..<clientCount).map { _ in try ServerTestClient(lab) }
        idler = try ServerTestClient(lab)
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
            try cluster.process(of: "p").log.waitingCount
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

/// Holds a disk at each of its syncs until it is let pass.
final class SyncGate: @unchecked Sendable {
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
    var hasAnswer: Bool {
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&poller, 1, 0) > 0
    }
}
