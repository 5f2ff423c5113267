import Glibc
import Synchronization
import Testing
import WALFormat

@testable import Storage

struct PromotionTests {
    private let old = "pg_wal/000000010000000000000001"
    private let new = "pg_wal/000000020000000000000001"

    /// A primary with rows and a standby that has them all.
    private func pair() throws -> (primary: TestNode, standby: TestNode, files: MemoryFileSystem) {
        let source = try TestNode.fresh()
        let copy = try TestNode.clone(of: source)
        var primary = try TestNode(source)
        var standby = try TestNode(copy)
        for number in 1...10 { try primary.set("key\(number)", "value") }
        try standby.follow(primary)
        return (primary, standby, copy)
    }

    @Test func `promotion leaves the files PostgreSQL leaves`() throws {
        var (_, standby, files) = try pair()
        let before = files.snapshot[old]
        let fork = try standby.promote()
        let after = files.snapshot
        let offset = SegmentSize.oneMebibyte.offset(of: fork)
        #expect(after[old] == nil)
        #expect(after[old + ".partial"] == before)
        #expect(after[new]?.prefix(offset) == before?.prefix(offset))
        #expect(after[new]?.count == 1 << 20)
        #expect(after["standby.signal"] == nil)
        let history = after["pg_wal/00000002.history"].map { String(decoding: $0, as: UTF8.self) }
        let text = "1\t\(fork)\tno recovery target specified\n"
        #expect(history?.hasPrefix(text + "# CRC-32C ") ?? false)
        #expect(after["promote"] == nil)
        let control = standby.directory.control
        #expect(control.state == .inProduction)
        #expect(control.timeline == Timeline(2))
        #expect(!standby.directory.isStandby)
    }

    @Test(arguments: [false, true])
    func `a promoted node goes on, and survives a crash`(checkpoint: Bool) throws {
        let (primary, running, files) = try pair()
        var standby: TestNode? = running
        let before = primary.database.nextXID
        try promoteAndWrite(&standby, checkpoint: checkpoint)
        #expect(try #require(standby?.database.nextXID) > before)
        let rows = standby?.rows
        standby = nil
        try reopen(files, rows: rows)
    }

    private func promoteAndWrite(_ node: inout TestNode?, checkpoint: Bool) throws {
        try node?.promote()
        if checkpoint { try node?.checkpoint() }
        try node?.set("key1", "after")
        try node?.set("new", "row")
        #expect(node?.rows.count == 11)
    }

    private func reopen(_ files: MemoryFileSystem, rows: [String: String]?) throws {
        // The test's own variables may still hold the first opening's lock.
        let copy = files.copy()
        let again = try TestNode(copy)
        #expect(again.report.timeline == Timeline(2))
        #expect(again.rows == rows)
        #expect(again.database.timeline == Timeline(2))
        #expect(again.database.index == again.database.rebuiltIndex())
    }

    @Test func `a reader of the old timeline is served up to the switch point`() throws {
        var (primary, standby, _) = try pair()
        let fork = try standby.promote()
        let job = DiskJob.readWAL(.first, from: LSN(0x100000), upTo: fork)
        #expect(standby.directory.perform(job) == primary.directory.perform(job))
        let beyond = DiskJob.readWAL(.first, from: fork, upTo: fork.advanced(by: 8))
        #expect(
            standby.directory.perform(beyond)
                == .failed(.segmentRemoved(fileName: "000000010000000000000001")))
    }

    @Test func `a promotion cut short anywhere is recovered`() throws {
        var (_, standby, files) = try pair()
        let rows = standby.rows
        let old = standby.database.timeline
        let fork = standby.database.promote(to: old.next, at: TestNode.start)
        let history = TimelineHistory().appending(
            timeline: old, switchpoint: fork, reason: "no recovery target specified")
        guard let (position, bytes) = standby.database.takeWAL() else { return }
        let jobs: [DiskJob] = [
            .beginTimeline(old.next, history),
            .leaveRecovery,
            .appendWAL(old.next, at: position, bytes: bytes),
        ]
        let trace = CallTrace(files)
        for job in jobs { try standby.perform(job) }
        let total = trace.take().count
        for survivors in 0..<total {
            let (_, again, disk) = try pair()
            let counter = Counter(survivors)
            disk.intercept { _, _ in counter.takeOne() ? nil : 5 }
            for job in jobs { _ = again.directory.perform(job) }
            disk.intercept(nil)
            let copy = disk.copy()
            var node = try TestNode(copy)
            #expect(node.rows == rows)
            if node.database.isReadOnly { try node.promote() }
            try node.set("after", "all")
            #expect(node.database.timeline >= Timeline(2))
        }
    }

    @Test(arguments: [EdgeFault.error(EIO), .error(ENOSPC), .shortWrite(byteCount: 10)])
    func `a promotion whose calls fail is repeated, or ends with the node`(
        fault: EdgeFault
    ) throws {
        var edge = 0
        var isPast = false
        while !isPast {
            edge += 1
            var (_, standby, files) = try pair()
            let rows = standby.rows
            let fork = standby.database.promote(to: Timeline(2), at: TestNode.start)
            let wal = standby.database.takeWAL()
            let (position, bytes) = try #require(wal)
            let jobs: [DiskJob] = [
                .beginTimeline(
                    Timeline(2),
                    TimelineHistory().appending(timeline: .first, switchpoint: fork, reason: "")),
                .leaveRecovery,
                .appendWAL(Timeline(2), at: position, bytes: bytes),
                .checkpoint(standby.database.checkpoint(at: TestNode.start)),
            ]
            let checkpoint = standby.database.takeWAL()
            let before = files.edgeCount
            files.planFault(fault, atEdge: before + edge)
            for job in jobs {
                if case .checkpoint = job, let (position, bytes) = checkpoint {
                    insist(on: .appendWAL(Timeline(2), at: position, bytes: bytes), standby)
                }
                insist(on: job, standby)
            }
            isPast = files.edgeCount - before < edge
            for survival in Survival.allCases {
                let again = try TestNode(files.crash(survival, seed: UInt64(edge)))
                #expect(again.rows == rows)
                if standby.directory.refusal == nil { #expect(!again.database.isReadOnly) }
            }
        }
        #expect(edge > 20)
    }

    /// Asks again unless the failure is final.
    private func insist(on job: DiskJob, _ node: TestNode) {
        for _ in 0..<2 {
            guard case .failed = node.directory.perform(job), node.directory.refusal == nil
            else { return }
        }
    }

    @Test func `a second standby follows across the switch`() throws {
        for fromSegmentStart in [false, true] {
            let (primary, standby, _) = try pair()
            let copy = try TestNode.clone(of: try TestNode.fresh())
            var promoted = standby
            var follower = try TestNode(copy)
            try follower.follow(primary)
            let fork = try promoted.promote()
            try promoted.set("new", "row")
            guard case .history(let history) = promoted.directory.perform(.readHistory(Timeline(2)))
            else {
                Issue.record("no history")
                return
            }
            try follower.perform(.writeHistory(Timeline(2), history))
            if fromSegmentStart {
                let start = SegmentSize.oneMebibyte.start(of: 1)
                let answer = promoted.directory.perform(
                    .readWAL(Timeline(2), from: start, upTo: fork))
                guard case .wal(_, let bytes) = answer else { throw Unexpected.result(answer) }
                try follower.perform(.appendWAL(Timeline(2), at: start, bytes: bytes))
            }
            try follower.follow(promoted)
            #expect(follower.rows == promoted.rows)
            #expect(follower.database.timeline == Timeline(2))
            #expect(copy.snapshot[new] == (promoted.fileSystem as? MemoryFileSystem)?.snapshot[new])
            let again = try TestNode(copy.copy())
            #expect(again.rows == promoted.rows)
            #expect(again.report.timeline == Timeline(2))
        }
    }

    @Test func `a fork at a segment's edge needs no copy`() throws {
        let source = try TestNode.fresh()
        let copy = try TestNode.clone(of: source)
        var primary = try TestNode(source)
        try primary.set("a", "1")
        _ = try primary.database.switchSegment()
        try primary.flush()
        var standby = try TestNode(copy)
        try standby.follow(primary)
        let fork = try standby.promote()
        #expect(fork == LSN(0x200000))
        try standby.set("b", "2")
        #expect(copy.snapshot[old] != nil)
        #expect(copy.snapshot["pg_wal/000000020000000000000002"] != nil)
        #expect(try TestNode(copy.copy()).rows == ["a": "1", "b": "2"])
    }

    /// What an old primary wrote behind the fork belongs to nobody.
    @Test func `the old timeline's records behind the fork are not replayed`() throws {
        var (primary, standby, files) = try pair()
        try standby.promote()
        try primary.set("lost", "row")
        files.put(old, (primary.fileSystem as? MemoryFileSystem)?.snapshot[old])
        let again = try TestNode(files.copy())
        #expect(again.rows == standby.rows)
    }
}

/// Counts down from any thread.
private final class Counter: Sendable {
    private let rest: Mutex<Int>

    init(_ count: Int) { rest = Mutex(count) }

    /// False when there is none left.
    func takeOne() -> Bool {
        rest.withLock { rest in
            defer { rest -= 1 }
            return rest > 0
        }
    }
}
