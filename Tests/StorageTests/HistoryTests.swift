import Foundation
import Testing
import WALFormat

@testable import Storage

/// Random histories of a primary and two standbys, each with checkpoints and restarts of its own,
/// now and then with a promotion: at equal positions their directories are the same, whatever each
/// has written to its files.
struct HistoryTests {
    private struct Cluster {
        var work: Workload
        var promise = Promise()
        var promotions = 0
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
            case 79..<80: try fillSegment()
            case 80..<81:
                try primary.database.setFullPageWrites(!primary.database.fullPageWrites)
            case 81..<83:
                // Bytes on disk are all a crash leaves; what is open is lost.
                work.forgetOpen()
                try primary.flush()
                primary = try Self.restarted(primary)
            case 83..<84: try failOver()
            case 84..<97: try feed(Bool.random(using: &work.random) ? 0 : 1)
            default:
                let number = Bool.random(using: &work.random) ? 0 : 1
                standbys[number] = try Self.restarted(standbys[number])
            }
            try primary.flush()
        }

        /// Leaves so little of the segment that one of the next records goes on in the one after.
        private mutating func fillSegment() throws {
            let size = primary.database.segmentSize
            let left = size.byteCount - size.offset(of: primary.database.insertLSN)
            let rest = Int.random(in: 100..<1000, using: &work.random)
            // A page's header for every page, the record's own, and the message's.
            let count = left - left / 8192 * 24 - rest
            guard count > 0 else { return }
            let content = [UInt8](repeating: 7, count: count)
            _ = try primary.database.insert(
                .logicalMessage(transactional: false, prefix: "fill", content: content))
        }

        /// A standby takes over, the other one follows it, and the old primary's place is taken by
        /// a copy of the new one.
        private mutating func failOver() throws {
            try primary.flush()
            for number in 0..<2 { try standbys[number].follow(primary) }
            var heir = standbys.removeFirst()
            try heir.promote()
            work.forgetOpen()
            try standbys[0].perform(.writeHistory(heir.database.timeline, try heir.history()))
            try heir.stop()
            primary = try Self.restarted(heir)
            standbys.append(try TestNode(try TestNode.clone(of: try Self.copy(heir))))
            promotions += 1
        }

        private static func copy(_ node: TestNode) throws -> MemoryFileSystem {
            try #require(node.fileSystem as? MemoryFileSystem).copy()
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
            try TestNode(try copy(node))
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
        var tally = Tally()
        try RealDiskTests.withDirectory { path in
            for seed in 1...200 {
                var cluster = try Cluster(seed: UInt64(1000 + seed))
                for _ in 0..<40 { try cluster.step() }
                let log = try WALOnDisk(cluster.primary.fileSystem)
                try PostgresProgramTests.expectAgreement(
                    of: cluster.primary.fileSystem, log, copiedTo: path)
                tally.add(log)
            }
        }
        #expect(tally.histories == 200 && tally.records >= 3500)
        #expect(tally.promoted >= 60 && tally.ofSeveralSegments >= 80)
        #expect(tally.acrossSegments >= 50)
        #expect(tally.kinds.isSuperset(of: Tally.wanted), "\(tally.kinds.sorted())")
    }

    /// What the histories came to: each kind of record is among them.
    private struct Tally {
        /// Checkpoints of both kinds, a segment switch, full-page images on or off, the end of
        /// recovery; COMMIT and ABORT; changes of rows, with an image and without; messages.
        static let wanted: Set<String> = [
            "XLOG 00", "XLOG 10", "XLOG 40", "XLOG 80", "XLOG 90", "Transaction 00",
            "Transaction 20", "Generic image", "Generic patch", "LogicalMessage 00",
        ]

        var histories = 0
        var records = 0
        var promoted = 0
        var ofSeveralSegments = 0
        var acrossSegments = 0
        var kinds: Set<String> = []

        mutating func add(_ log: WALOnDisk) {
            let size = log.segmentSize
            histories += 1
            records += log.records.count
            if log.timeline > .first { promoted += 1 }
            if log.end - log.records[0].start > size.byteCount { ofSeveralSegments += 1 }
            for entry in log.records {
                let last = entry.end.advanced(by: -1)
                let isSwitch = entry.record.body == .switchSegment
                if size.number(containing: entry.start) < size.number(containing: last), !isSwitch {
                    acrossSegments += 1
                }
                kinds.insert(Self.kind(entry.record))
            }
        }

        private static func kind(_ record: WALRecord) -> String {
            let name = ResourceManager.name(for: record.resourceManager)
            if record.resourceManager == ResourceManager.generic {
                return name + (record.blocks.contains { $0.image != nil } ? " image" : " patch")
            }
            return name + (record.info < 16 ? " 0" : " ") + String(record.info, radix: 16)
        }
    }
}
