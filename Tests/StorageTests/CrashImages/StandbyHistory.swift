import Synchronization
import Testing
import WALFormat

@testable import Storage

/// A standby's random life: fed in pieces, synced now and then, replaying, taking restartpoints,
/// losing power, following its upstream to a new timeline, promoted at last; every edge inspected.
struct StandbyHistory {
    let inspector: CrashInspector
    private var work: Workload
    private var upstream: TestNode
    /// Takes over when the upstream dies.
    private var heir: TestNode
    private var fork: (at: LSN, history: TimelineHistory)?

    private var disk: MemoryFileSystem
    private var node: TestNode
    private var reader: WALReader
    private var written: LSN
    private var unsynced: [[UInt8]] = []

    init(seed: UInt64) throws {
        inspector = CrashInspector(seed: seed)
        work = Workload(seed: seed)
        let source = try TestNode.fresh()
        if !seed.isMultiple(of: 2) { try Self.age(source, inspector) }
        heir = try TestNode(try TestNode.clone(of: source.copy()))
        disk = try TestNode.clone(of: source.copy())
        upstream = try TestNode(source)
        inspector.watch(disk)
        node = try TestNode(disk)
        reader = WALReader(continuing: node.database)
        written = node.database.insertLSN
    }

    /// Copies of it go on in a recycled segment.
    private static func age(_ source: MemoryFileSystem, _ inspector: CrashInspector) throws {
        var node = try TestNode(source)
        try node.enterRecycledSegment()
        let rows = node.rows
        try node.stop()
        let end = node.database.insertLSN
        inspector.promise.withLock { $0.committed(rows, end: end) }
    }

    mutating func run(steps: Int) throws {
        for number in 0..<steps {
            try writeUpstream()
            try step()
            if number == steps / 2 { try changeUpstream() }
        }
    }

    /// Ends the standby's life: its own promotion, then a primary's.
    mutating func promote(steps: Int) throws {
        try sync()
        let end = node.database.insertLSN
        inspector.promise.withLock { $0.forget(after: end) }
        try node.promote(reason: "test")
        inspector.promise.withLock { $0.promoted() }
        work.forgetOpen()
        var life = PrimaryHistory(inspector, work, disk, node)
        try life.run(steps: steps)
    }

    private mutating func writeUpstream() throws {
        try inspector.promise.withLock { promise in
            for _ in 0..<4 { try work.step(&upstream.database, &promise) }
            switch Int.random(in: 0..<12, using: &work.random) {
            case 0:
                let plan = upstream.database.checkpoint(at: TestNode.start)
                promise.note(upstream.database)
                try upstream.flush()
                try upstream.perform(.checkpoint(plan))
            case 1: _ = try upstream.database.vacuum()
            case 2: _ = try upstream.database.switchSegment()
            default: break
            }
            promise.note(upstream.database)
        }
        try upstream.flush()
    }

    private mutating func step() throws {
        try receive()
        switch Int.random(in: 0..<10, using: &work.random) {
        case 0..<5: try sync()
        case 5:
            guard let plan = node.database.restartpoint() else { break }
            try node.perform(.checkpoint(plan))
            try node.recycle(upTo: 2)
        case 6: try restart()
        case 7:
            try sync()
            try node.perform(.checkpoint(node.database.shutdown(at: TestNode.start)))
            try restart(.nothing)
        default: break
        }
    }

    /// Takes over what the upstream has, or part of it, cut at a page edge as a sender cuts.
    private mutating func receive() throws {
        var end = upstream.database.insertLSN
        if Bool.random(using: &work.random) {
            let page = LSN(end.rawValue / 8192 * 8192)
            if page > written { end = page }
        }
        while written < end {
            var next = end
            if let fork, written < fork.at { next = min(next, fork.at) }
            let timeline = fork.map { written < $0.at ? .first : Timeline(2) } ?? .first
            let answer = upstream.directory.perform(
                .readWAL(upstream.database.timeline, from: written, upTo: next))
            guard case .wal(_, let bytes) = answer else { throw Unexpected.result(answer) }
            try node.perform(.writeWAL(timeline, at: written, bytes: bytes))
            unsynced.append(bytes)
            written = next
        }
    }

    private mutating func sync() throws {
        try node.perform(.syncWAL)
        for bytes in unsynced { reader.feed(bytes) }
        unsynced = []
        while case .record(let record, let start, let end) = reader.next() {
            try node.database.redo(record, start: start, end: end)
        }
        let end = node.database.insertLSN
        inspector.promise.withLock { $0.flushed(upTo: end) }
    }

    private mutating func restart(_ only: Survival? = nil) throws {
        let any = Survival.allCases.randomElement(using: &work.random)
        disk = disk.crash(only ?? any ?? .prefix, seed: work.random.next())
        inspector.watch(disk)
        node = try TestNode(disk)
        reader = WALReader(continuing: node.database)
        written = node.database.insertLSN
        unsynced = []
    }

    /// The upstream dies with commits that nobody else has; its heir goes on from a new timeline.
    private mutating func changeUpstream() throws {
        try heir.follow(upstream)
        let old = try heir.history()
        let at = try heir.promote(reason: "test")
        inspector.promise.withLock { $0.forget(after: at) }
        upstream = heir
        fork = (at, old.appending(timeline: .first, switchpoint: at, reason: "test"))
        work.forgetOpen()
        try node.perform(.writeHistory(Timeline(2), try heir.history()))
    }
}

extension WALReader {
    /// Goes on where a database stands.
    init(continuing database: Database) {
        self.init(
            at: database.insertLSN, previous: database.lastRecordStart,
            segmentSize: database.segmentSize, systemIdentifier: database.systemIdentifier)
    }
}
