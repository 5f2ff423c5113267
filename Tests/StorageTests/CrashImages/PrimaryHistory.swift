import Synchronization
import Testing
import WALFormat

@testable import Storage

/// A primary's random life: several transactions at once, checkpoints, vacuum, segment switches,
/// WAL removed, full stops, power losses; every edge of it inspected.
struct PrimaryHistory {
    let inspector: CrashInspector
    private var work: Workload
    private var disk: MemoryFileSystem
    private var node: TestNode
    /// Whether it leaves a segment behind after each crash.
    private var switchesOften = false

    /// Every other life begins in a recycled segment, and often goes on to the next.
    init(seed: UInt64) throws {
        let disk = try TestNode.fresh()
        let inspector = CrashInspector(seed: seed)
        if !seed.isMultiple(of: 2) {
            var node = try TestNode(disk)
            try node.enterRecycledSegment()
            let rows = node.rows
            let end = node.database.insertLSN
            inspector.promise.withLock { promise in
                promise.committed(rows, end: end)
                promise.flushed(upTo: end)
            }
        }
        inspector.watch(disk)
        self.init(inspector, Workload(seed: seed), disk, try TestNode(disk))
        switchesOften = !seed.isMultiple(of: 2)
    }

    /// Goes on with a node that is a primary already.
    init(
        _ inspector: CrashInspector, _ work: Workload, _ disk: MemoryFileSystem, _ node: TestNode
    ) {
        self.inspector = inspector
        self.work = work
        self.disk = disk
        self.node = node
        note()
    }

    mutating func run(steps: Int) throws {
        for _ in 0..<steps { try step() }
        // The last word of a history: everything it committed is kept.
        try flush()
        try restart(cleanly: false, .nothing)
    }

    private mutating func step() throws {
        switch Int.random(in: 0..<100, using: &work.random) {
        case 0..<75:
            try inspector.promise.withLock { try work.step(&node.database, &$0) }
            // Records of several transactions may share a flush.
            if Int.random(in: 0..<4, using: &work.random) == 0 { try flush() }
        case 75..<81: try flush()
        case 81..<83:
            let size = node.database.segmentSize
            let next = size.start(of: size.number(containing: node.database.insertLSN) + 1)
            try node.perform(.prepareWAL(node.database.timeline, at: next))
        case 83..<88: try checkpoint()
        case 88..<92: _ = try node.database.vacuum()
        case 92..<94:
            _ = try node.database.switchSegment()
            try flush()
        case 94..<95:
            try checkpoint()
            try node.recycle(upTo: UInt64.random(in: 0...3, using: &work.random))
        case 95..<96: try restart(cleanly: true, .nothing)
        default:
            try restart(
                cleanly: false, Survival.allCases.randomElement(using: &work.random) ?? .prefix)
            // What recovery has wiped is no recycled segment any more.
            if switchesOften { _ = try node.database.switchSegment() }
        }
        note()
    }

    private mutating func flush() throws {
        let end = node.database.insertLSN
        try node.flush()
        inspector.promise.withLock { $0.flushed(upTo: end) }
    }

    private mutating func checkpoint() throws {
        let plan = node.database.checkpoint(at: TestNode.start)
        note()
        try flush()
        try node.perform(.checkpoint(plan))
    }

    private mutating func restart(cleanly: Bool, _ survival: Survival) throws {
        if cleanly {
            let plan = node.database.shutdown(at: TestNode.start)
            note()
            try flush()
            try node.perform(.checkpoint(plan))
        }
        disk = disk.crash(survival, seed: work.random.next())
        work.forgetOpen()
        // What is lost must be known before recovery writes in its place.
        let end = try TestNode(disk.copy()).report.end
        inspector.promise.withLock { $0.forget(after: end) }
        inspector.watch(disk)
        node = try TestNode(disk)
    }

    private func note() {
        inspector.promise.withLock { $0.note(node.database) }
    }
}
