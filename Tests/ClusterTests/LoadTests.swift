import Glibc
import Synchronization
import Testing
import WALFormat

@testable import Cluster
@testable import DatabaseNode
@testable import Storage

/// Many writes of one instant, which go out together: what each client learned is told of each.
struct LoadTests {
    /// A lab of one node on a disk whose fdatasyncs are counted, and fail from the second on.
    private static func lab(failingWith code: Int32?) throws -> (lab: Lab, syncs: () -> Int) {
        let lab = try watchedLab(LabOptions(replicas: 0, usesMemory: true))
        let disk = try #require(try lab.fileSystem(of: "p") as? MemoryFileSystem)
        let count = SyncCount()
        disk.intercept { operation, _ in
            guard operation == .syncData else { return nil }
            return count.next() > 1 ? code : nil
        }
        return (lab, { count.now })
    }

    private final class SyncCount: Sendable {
        private let count = Mutex(0)
        var now: Int { count.withLock { $0 } }
        func next() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }
    }

    private static func fates(_ lab: Lab) throws -> [ClientLedger.Fate] {
        try lab.onLoop { cluster throws(LabFailure) in cluster.ledger.entries.map(\.fate) }
    }

    @Test func `a breath of 256 takes two fdatasyncs, and each has an OK of its own`() throws {
        let (lab, syncs) = try Self.lab(failingWith: nil)
        defer { lab.close() }
        let report = try lab.load(600, prefix: "k", on: "p") { _ in .zero }
        #expect(report.acknowledged == 600)
        #expect(syncs() == 6)
        let positions = try Self.fates(lab).compactMap { fate -> UInt64? in
            if case .acknowledged(let ok) = fate { ok.lsn.rawValue } else { nil }
        }
        #expect(positions.count == 600)
        #expect(Set(positions).count == 600 && positions == positions.sorted())
    }

    @Test func `writes of different instants wait for each other`() throws {
        let (lab, syncs) = try Self.lab(failingWith: nil)
        defer { lab.close() }
        _ = try lab.load(20, prefix: "k", on: "p") { .milliseconds($0) }
        #expect(syncs() == 20)
    }

    @Test(arguments: [EIO, ENOSPC])
    func `when the disk fails under them, those that heard nothing are unknown`(
        code: Int32
    ) throws {
        let (lab, _) = try Self.lab(failingWith: code)
        defer { lab.close() }
        let report = try lab.load(100, prefix: "k", on: "p") { _ in .zero }
        #expect(report.acknowledged == 1)
        #expect(report.asked == 100)
        #expect(report.failure != nil)
        let fates = try Self.fates(lab)
        #expect(fates.count == 100)
        #expect(fates.dropFirst().allSatisfy { $0 == .unknown })
        #expect(lab.acknowledgedCount == 1)
    }

    @Test func `a server that is down is told at once, and nothing was asked`() throws {
        let (lab, _) = try Self.lab(failingWith: nil)
        defer { lab.close() }
        _ = try lab.crash("p", deliversWire: false)
        #expect(throws: LabFailure.self) {
            try lab.load(10, prefix: "k", on: "p") { _ in .zero }
        }
        #expect(try Self.fates(lab).isEmpty)
    }
}
