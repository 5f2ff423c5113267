import Synchronization
import Testing
import WALFormat

@testable import Storage

/// Cuts the power at every edge of a node's disk, draws what survives, and recovers what is found.
///
/// Each disk must recover to a position not before what was durable, with the very pages and rows
/// that the node had there; recover again, also when its own recovery is cut short, to the same;
/// and take new transactions.
final class CrashInspector: Sendable {
    /// A kind of edge, and what a power loss there leaves.
    struct Moment: Hashable {
        let call: DiskEdge.Call
        let survival: Survival
    }

    private struct Tally {
        var images = 0
        var checked: [Moment: Int] = [:]
        var failures = 0
        var recoveriesCutShort = 0
    }

    let promise = Mutex(Promise())
    private let seed: UInt64
    private let tally = Mutex(Tally())

    init(seed: UInt64) { self.seed = seed }

    /// The disks that were recovered and found to keep what was promised, for each kind of moment.
    var checked: [Moment: Int] { tally.withLock { $0.checked } }
    var recoveriesCutShort: Int { tally.withLock { $0.recoveriesCutShort } }

    /// From now on every edge of this disk is a power loss that could have been.
    func watch(_ fileSystem: MemoryFileSystem) {
        fileSystem.observeEdges { [self] edge, disk in inspect(disk, at: edge) }
    }

    private func inspect(_ disk: MemoryDisk, at edge: DiskEdge) {
        for survival in disk.isAllDurable ? [.nothing] : Survival.allCases {
            let number = tally.withLock { tally in
                tally.images += 1
                return tally.images
            }
            // One broken promise shows in many images; the first few say enough.
            guard tally.withLock({ $0.failures < 3 }) else { return }
            let draw = seed &* 1_000_003 &+ UInt64(number)
            do {
                try inspect(disk.afterPowerLoss(survival, seed: draw), number, draw)
                let moment = Moment(call: edge.call, survival: survival)
                tally.withLock { $0.checked[moment, default: 0] += 1 }
            } catch {
                tally.withLock { $0.failures += 1 }
                Issue.record("seed \(seed), edge \(edge), \(survival) drawn by \(draw): \(error)")
            }
        }
    }

    private func inspect(_ found: MemoryDisk, _ number: Int, _ draw: UInt64) throws {
        let fileSystem = MemoryFileSystem(found)
        let inner = Inner()
        if number % 3 == 0 { fileSystem.observeEdges { _, disk in inner.offer(disk, draw) } }
        var before: TestNode? = try recover(fileSystem)
        fileSystem.observeEdges(nil)
        let end = try #require(before?.report.end)
        before = nil
        if let disk = inner.disk {
            tally.withLock { $0.recoveriesCutShort += 1 }
            let other = Survival.allCases[Int(draw % 4)]
            let again = try recover(MemoryFileSystem(disk.afterPowerLoss(other, seed: draw)), end)
            try expect(again.report.end >= end, "the second recovery ends at \(again.report.end)")
        }
        var again = try recover(fileSystem.crash(.nothing, seed: draw), end)
        guard number % 2 == 0 else { return }
        try writeOn(&again)
    }

    /// Recovers a disk; the table must be what it was at the log's end, or at `same`.
    private func recover(_ fileSystem: MemoryFileSystem, _ same: LSN? = nil) throws -> TestNode {
        let node = try TestNode(fileSystem)
        try promise.withLock { promise in
            let end = same ?? node.report.end
            try expect(end >= promise.durable, "ends at \(end), durable was \(promise.durable)")
            try expect(!promise.isPromoted || !node.database.isReadOnly, "a standby again")
            try expect(node.rows == promise.rows(at: end), "rows differ at \(end)")
            if let state = promise.state(at: end) {
                try expect(node.database.pages == state.pages, "pages differ at \(end)")
                try expect(
                    node.database.commitLog == state.commitLog, "pg_xact differs at \(end)")
            }
        }
        try expect(
            node.database.index == node.database.rebuiltIndex(), "the index is not the pages'")
        return node
    }

    private func writeOn(_ node: inout TestNode) throws {
        guard let disk = node.fileSystem as? MemoryFileSystem else { return }
        let rows = node.rows
        if node.database.isReadOnly { try node.promote(reason: "test") }
        let inserted = try node.set("after", "the crash")
        let again = try TestNode(disk.crash(.nothing, seed: 0))
        try expect(again.report.end >= inserted.end, "a commit after the crash is lost")
        try expect(
            again.rows == rows.merging(["after": "the crash"]) { $1 }, "rows written on differ")
    }

    private func expect(_ isTrue: Bool, _ complaint: @autoclosure () -> String) throws {
        if !isTrue { throw Broken(complaint: complaint()) }
    }
}

/// A promise that a disk does not keep.
struct Broken: Error, CustomStringConvertible {
    let complaint: String
    var description: String { complaint }
}

/// Keeps one of the edges of a recovery: each that is offered takes the place of the `n` before it
/// with a chance of one in `n + 1`.
private final class Inner: Sendable {
    private let state = Mutex<(count: UInt64, disk: MemoryDisk?)>((0, nil))

    var disk: MemoryDisk? { state.withLock { $0.disk } }

    func offer(_ disk: MemoryDisk, _ draw: UInt64) {
        state.withLock { state in
            state.count += 1
            if (draw >> 7 &+ state.count &* 0x9E37_79B9) % state.count == 0 { state.disk = disk }
        }
    }
}
