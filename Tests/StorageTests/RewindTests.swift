import Testing
import WALFormat

@testable import Storage

/// A primary whose log has left the new primary's, and what a rewind makes of its directory.
struct RewindTests {
    /// Both nodes' files after the failover: the old primary has crashed, the new one has stopped.
    private struct Failover {
        let old: MemoryFileSystem
        let new: MemoryFileSystem
        let rows: [String: String]
        let source: RewindSource

        /// Many pages before the fork; behind it each node changes some of its own.
        init() throws {
            old = try TestNode.fresh()
            new = try TestNode.clone(of: old)
            var primary = try TestNode(old)
            var standby = try TestNode(new)
            let long = String(repeating: "x", count: 900)
            for number in 0..<80 { try primary.set("key\(number)", long) }
            try primary.checkpoint()
            try standby.follow(primary)
            if let plan = standby.database.restartpoint() { try standby.perform(.checkpoint(plan)) }
            try primary.set("key1", "before the fork")
            try standby.follow(primary)
            try standby.promote()
            try primary.set("key1", "lost")
            try primary.set("lost", long)
            try standby.set("key70", "new")
            try standby.set("new", long)
            try standby.stop()
            rows = standby.rows
            let control = try new.contents(of: DataDirectory.controlPath)
            let history = try new.contents(
                of: RewindSource.historyPath(
                    RewindSource.timeline(try ControlData(decoding: control))))
            source = try #require(RewindSource(control: control, history: history))
        }

        /// All jobs, as whoever copies from the new primary gives them.
        func jobs(_ plan: RewindPlan) throws -> [RewindTarget.Job] {
            var jobs: [RewindTarget.Job] = [.begin(plan)]
            let table = try new.contents(of: RewindSource.tablePath)
            for block in plan.copiedBlocks(ofSourcePages: source.control.files.pageCount) {
                let start = Int(block) * 8192
                jobs.append(
                    .write(
                        path: RewindSource.tablePath, at: start,
                        bytes: Array(table[start..<start + 8192])))
            }
            jobs.append(
                .close(
                    path: RewindSource.tablePath,
                    byteCount: Int(source.control.files.pageCount) * 8192))
            let end = try WALOnDisk(new).end
            let segments = source.segmentPaths(source.control.segmentSize.number(containing: end))
            for path in source.commitLogPaths.map(\.path) + source.historyPaths + segments {
                guard let bytes = try new.contentsIfPresent(of: path) else { continue }
                jobs.append(.write(path: path, at: 0, bytes: bytes))
                jobs.append(.close(path: path, byteCount: bytes.count))
            }
            return jobs + [.finish(plan, source, end: end)]
        }
    }

    @Test func `only the pages that its own log has touched are copied`() throws {
        let failover = try Failover()
        let plan = try RewindPlan(failover.old, source: failover.source)
        let copied = plan.copiedBlocks(ofSourcePages: failover.source.control.files.pageCount)
        #expect(plan.pageCount > 5)
        #expect(!copied.isEmpty && copied.count <= 3)
        #expect(plan.redo <= plan.checkpoint && plan.checkpoint < plan.fork)
    }

    @Test func `a rewound node has the source's rows, and none of its own`() throws {
        let failover = try Failover()
        let plan = try RewindPlan(failover.old, source: failover.source)
        let target = RewindTarget(failover.old, source: "r1")
        for job in try failover.jobs(plan) { #expect(target.perform(job) == nil) }
        let node = try TestNode(failover.old)
        #expect(node.rows == failover.rows)
        #expect(node.directory.isStandby)
    }

    /// Whatever the power took, no node starts on it, and the same rewind makes it whole.
    @Test(arguments: [Survival.nothing, .everything])
    func `one cut behind any job keeps a node from starting, and can be run again`(
        _ survival: Survival
    ) throws {
        let count = try Failover().jobs(
            RewindPlan(try Failover().old, source: try Failover().source)
        ).count
        for cut in 1..<count {
            let failover = try Failover()
            let plan = try RewindPlan(failover.old, source: failover.source)
            let target = RewindTarget(failover.old, source: "r1")
            for job in try failover.jobs(plan).prefix(cut) { #expect(target.perform(job) == nil) }
            target.abandon()
            let left = failover.old.crash(survival, seed: UInt64(cut))
            #expect(throws: OpenFailure.incompleteRewind(from: "r1")) { try TestNode(left) }
            let again = try RewindPlan(left, source: failover.source)
            #expect(again == plan)
            let second = RewindTarget(left, source: "r1")
            for job in try failover.jobs(again) { #expect(second.perform(job) == nil) }
            #expect(try TestNode(left).rows == failover.rows)
        }
    }

    @Test func `a mark that is not as it was written is no plan`() throws {
        let failover = try Failover()
        let plan = try RewindPlan(failover.old, source: failover.source)
        let bytes = RewindMark(source: "r1", plan: plan).bytes
        #expect(RewindMark(bytes) == RewindMark(source: "r1", plan: plan))
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 1
            #expect(RewindMark(damaged) == nil)
        }
    }

    @Test func `a node from itself is refused`() throws {
        let failover = try Failover()
        let control = try failover.old.contents(of: DataDirectory.controlPath)
        let itself = try #require(RewindSource(control: control, history: nil))
        #expect(throws: RewindRefusal.notADescendant(source: .first, own: .first)) {
            try RewindPlan(failover.old, source: itself)
        }
    }
}
