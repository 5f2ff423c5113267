import Foundation
import Testing
import WALFormat

@testable import Storage

/// Random histories of a primary and two standbys, each with checkpoints and restarts of its own:
/// at equal positions their directories are the same, whatever each has written to its files.
struct HistoryTests {
    private struct Cluster {
        var work: Workload
        var promise = Promise()
        var primary: TestNode
        var standbys: [TestNode]

        init(seed: UInt64) throws {
            work = Workload(seed: seed)
            let source = try TestNode.fresh()
            standbys = try (0..<2).map { _ in try TestNode(try TestNode.clone(of: source.copy())) }
            primary = try TestNode(source)
        }

        mutating func step() throws {
            switch Int.random(in: 0..<100, using: &work.random) {
            case 0..<70: try work.step(&primary.database, &promise)
            case 70..<74: try primary.checkpoint()
            case 74..<78: _ = try primary.database.vacuum()
            case 78..<79: _ = try primary.database.switchSegment()
            case 79..<80:
                try primary.database.setFullPageWrites(!primary.database.fullPageWrites)
            case 80..<82:
                // Bytes on disk are all a crash leaves; what is open is lost.
                work.forgetOpen()
                try primary.flush()
                primary = try Self.restarted(primary)
            case 82..<97: try feed(Bool.random(using: &work.random) ? 0 : 1)
            default:
                let number = Bool.random(using: &work.random) ? 0 : 1
                standbys[number] = try Self.restarted(standbys[number])
            }
            try primary.flush()
        }

        /// Some way towards the primary, then perhaps a restartpoint.
        mutating func feed(_ number: Int) throws {
            try standbys[number].follow(
                primary, pieces: Int.random(in: 100..<20_000, using: &work.random))
            guard Bool.random(using: &work.random),
                let plan = standbys[number].database.restartpoint()
            else { return }
            try standbys[number].perform(.checkpoint(plan))
        }

        private static func restarted(_ node: TestNode) throws -> TestNode {
            guard let disk = node.fileSystem as? MemoryFileSystem else { return node }
            return try TestNode(disk.crash(.everything, seed: 0))
        }

        func compare() throws {
            for standby in standbys {
                let found = try DirectoryComparison(primary.fileSystem, standby.fileSystem)
                #expect(found.outcome == .identical)
                #expect(found.through == standby.database.insertLSN)
            }
        }
    }

    @Test(arguments: 1...12)
    func `directories are identical at equal positions, every time`(seed: UInt64) throws {
        var cluster = try Cluster(seed: seed)
        for _ in 0..<12 {
            for _ in 0..<15 { try cluster.step() }
            try cluster.compare()
        }
        for number in 0..<2 { try cluster.feed(number) }
        let primary = cluster.primary.database
        for standby in cluster.standbys {
            #expect(standby.database.pages == primary.pages)
            #expect(standby.database.index == primary.index)
            #expect(standby.database.fullPageWrites == primary.fullPageWrites)
        }
        try cluster.compare()
    }

    @Test(.enabled(if: PostgresProgramTests.isWanted, "pg_waldump is not installed"))
    func `pg_waldump agrees with two hundred random histories, record by record`() throws {
        try RealDiskTests.withDirectory { path in
            for seed in 1...200 {
                var cluster = try Cluster(seed: UInt64(1000 + seed))
                for _ in 0..<30 { try cluster.step() }
                let log = try WALOnDisk(cluster.primary.fileSystem)
                try PostgresProgramTests.expectAgreement(
                    of: cluster.primary.fileSystem, log, copiedTo: path)
            }
        }
    }
}
