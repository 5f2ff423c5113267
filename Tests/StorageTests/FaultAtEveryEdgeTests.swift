import Glibc
import Testing
import WALFormat

@testable import Storage

/// One and the same story with a fault at each of its edges in turn: the node hears of it, does
/// what it must, and keeps its promises.
struct FaultAtEveryEdgeTests {
    /// What a node does about a job that failed for lack of room.
    enum Patience: CaseIterable {
        /// It asks again.
        case repeats
        /// It goes on with the next; WAL it always asks for again.
        case leavesCheckpoints
    }

    /// Commits, checkpoints, a segment switch, vacuum, removal of old segments.
    private struct Story {
        var node: TestNode
        var acknowledged: [String: String] = [:]
        /// A sync failed, or the power went.
        var isOver = false
        let patience: Patience
        /// Old segments are used again; without, they are removed.
        let recycles: Bool
        var recycled: [String] = []

        mutating func tell() throws {
            for chapter in 0..<3 {
                for number in 0..<4 { try set("key\(number)", "chapter \(chapter)") }
                try set("long\(chapter)", String(repeating: "x", count: 6000))
                try checkpoint()
                if chapter == 0 || recycles {
                    _ = try node.database.switchSegment()
                    flush()
                }
                _ = try node.database.vacuum()
                flush()
                let end = node.database.insertLSN
                let next = node.database.segmentSize.number(containing: end) + 1
                perform(.removeWAL(before: end, recyclingUpTo: recycles ? next : nil))
            }
            try set("last", "word")
        }

        private mutating func set(_ key: String, _ value: String) throws {
            let xid = node.database.begin()
            try node.database.put(key, value, xid: xid)
            _ = try node.database.commit(xid, at: TestNode.start)
            if flush() { acknowledged[key] = value }
        }

        @discardableResult
        private mutating func flush() -> Bool {
            guard let (position, bytes) = node.database.takeWAL() else { return !isOver }
            return perform(.appendWAL(node.database.timeline, at: position, bytes: bytes))
        }

        private mutating func checkpoint() throws {
            let plan = node.database.checkpoint(at: TestNode.start)
            guard flush() else { return }
            perform(.checkpoint(plan))
        }

        @discardableResult
        private mutating func perform(_ job: DiskJob) -> Bool {
            for _ in 0..<3 {
                guard !isOver else { return false }
                switch node.directory.perform(job) {
                case .failed(.io(let failure)) where failure.isFailedSync || failure.code == ENODEV:
                    isOver = true
                case .failed(.io) where !job.writesWAL && patience == .leavesCheckpoints:
                    return false
                case .failed(.io): continue
                case .failed(let failure):
                    Issue.record("\(job): \(failure)")
                    return false
                case .segmentsRemoved(_, let names):
                    recycled += names
                    return true
                default: return true
                }
            }
            return false
        }
    }

    private func edgeCount(recycles: Bool) throws -> Int {
        let disk = try TestNode.fresh()
        var story = Story(node: try TestNode(disk), patience: .repeats, recycles: recycles)
        let before = disk.edgeCount
        try story.tell()
        #expect(story.recycled.contains(String(story.node.currentSegment.dropFirst(7))) == recycles)
        return disk.edgeCount - before
    }

    @Test(
        arguments: [
            EdgeFault.error(EIO), .error(ENOSPC), .shortWrite(byteCount: 700), .powerLoss,
        ], Patience.allCases.flatMap { [($0, false), ($0, true)] })
    func `a fault at any edge breaks no promise`(
        fault: EdgeFault, _ manner: (patience: Patience, recycles: Bool)
    ) throws {
        for edge in 1...(try edgeCount(recycles: manner.recycles)) {
            let disk = try TestNode.fresh()
            var story = Story(
                node: try TestNode(disk), patience: manner.patience, recycles: manner.recycles)
            disk.planFault(fault, atEdge: disk.edgeCount + edge)
            try story.tell()
            for survival in Survival.allCases {
                do {
                    let rows = try TestNode(disk.crash(survival, seed: UInt64(edge))).rows
                    for (key, value) in story.acknowledged where rows[key] != value {
                        // Only what came after the last acknowledged change may have come through.
                        #expect(
                            story.isOver && rows[key] != nil,
                            "edge \(edge), \(survival): \(key) is \(rows[key] ?? "lost")")
                    }
                } catch {
                    Issue.record("edge \(edge), \(survival): \(error)")
                }
            }
            if !story.isOver { #expect(story.acknowledged["last"] == "word") }
        }
    }
}
