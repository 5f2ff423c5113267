import Cluster
import Foundation
import TestSupport
import Testing
import WALFormat

/// `pg_waldump` reads what the nodes wrote, and finds in each record what the lab itself shows: its
/// resource manager, its lengths, its transaction, its place and its link.
@Suite(.enabled(if: PostgresTools.areWanted, "PostgreSQL 15's programs are not installed"))
struct WALDumpTests {
    @Test(arguments: [1, 2, 3])
    func `every segment of every node reads as the lab shows it`(seed: UInt64) throws {
        let folder = try TemporaryFolder()
        let lab = try Lab(LabOptions(seed: seed, directory: folder.path + "/lab"))
        defer { lab.close() }
        try live(lab, through: seed)
        for node in lab.nodeNames {
            let records = try lab.records(of: node)
            let wal = "\(folder.path)/lab/\(node)/pg_wal"
            for segment in try segments(in: wal) {
                try check(segment, in: wal, against: records, of: node)
            }
        }
    }

    /// Commits of many sizes over several segments, deletes, a crash of a replica, a failover, and
    /// the old primary's return.
    private func live(_ lab: Lab, through seed: UInt64) throws {
        let size = Int(seed) * 400
        for index in 0..<600 {
            let value = String(repeating: "v", count: index % 7 == 0 ? size : index % 90)
            _ = try lab.write("k\(index % 250)", value, on: "p")
            if index % 11 == 0 { _ = try lab.write("k\(index % 100)", nil, on: "p") }
            if index == 200 { _ = try lab.crash("r2", deliversWire: false) }
            if index == 400 { _ = try lab.restart("r2") }
        }
        _ = try lab.load(4_000, prefix: "load", on: "p") { _ in .zero }
        _ = try lab.crash("p", deliversWire: false)
        _ = try lab.promote("r1")
        _ = try lab.load(500, prefix: "after", on: "r1") { _ in .zero }
        _ = try lab.restart("p")
        _ = try lab.write("zombie", "1", on: "p")
    }

    private func segments(in wal: String) throws -> [SegmentName] {
        try FileManager.default.contentsOfDirectory(atPath: wal).sorted().compactMap {
            SegmentName(fileName: $0, size: .oneMebibyte)
        }
    }

    private func check(
        _ segment: SegmentName, in wal: String, against records: [WALLine], of node: String
    ) throws {
        let size = SegmentSize.oneMebibyte
        let start = size.start(of: segment.number)
        let inside = records.filter {
            size.number(containing: $0.start) == segment.number && $0.timeline <= segment.timeline
        }
        let last = try #require(inside.last, "\(node) has a segment without a record")
        let dump = try PostgresTools.run(
            "pg_waldump",
            [
                "--path", wal, "--timeline", "\(segment.timeline)", "--start", "\(start)",
                "--end", "\(last.end)",
            ])
        let name = segment.fileName(size)
        #expect(dump.status == 0, "\(node) \(name): \(dump.errors)")
        #expect(dump.errors.isEmpty, "\(node) \(name)")
        #expect(dump.lines.count == inside.count, "\(node) \(name)")
        for (line, record) in zip(dump.lines, inside) where !line.hasPrefix(record.dumped) {
            Issue.record("\(node) \(name): \(record.dumped)… is not what is dumped: \(line)")
        }
        let summary = try PostgresTools.run(
            "pg_waldump",
            [
                "--path", wal, "--timeline", "\(segment.timeline)", "--start", "\(start)",
                "--end", "\(last.end)", "--stats=record",
            ])
        #expect(summary.status == 0 && summary.errors.isEmpty, "\(node) \(name)")
        let total = summary.lines.last { $0.hasPrefix("Total") }
        #expect(total?.split(separator: " ").dropFirst().first == "\(inside.count)")
    }
}

extension WALLine {
    /// How `pg_waldump` begins the record's line, the first length without the images of pages:
    /// `rmgr: Transaction len (rec/tot):     34/    34, tx:        700, lsn: 0/00100028, prev …, `.
    fileprivate var dumped: String {
        let manager = ResourceManager.name(for: record.resourceManager)
        let total = record.encoded().count
        let length = total - record.blocks.reduce(0) { $0 + ($1.image?.bytes.count ?? 0) }
        return "rmgr: " + manager.padding(toLength: 11, withPad: " ", startingAt: 0)
            + " len (rec/tot): " + Self.padded(length, 6) + "/" + Self.padded(total, 6) + ", tx: "
            + Self.padded(Int(record.xid.rawValue), 10) + ", lsn: " + Self.position(start)
            + ", prev " + Self.position(record.previous) + ", "
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = "\(number)"
        return String(repeating: " ", count: max(0, width - digits.utf8.count)) + digits
    }

    private static func position(_ lsn: LSN) -> String {
        let low = String(lsn.rawValue & 0xFFFF_FFFF, radix: 16, uppercase: true)
        let zeros = String(repeating: "0", count: 8 - low.utf8.count)
        return String(lsn.rawValue >> 32, radix: 16, uppercase: true) + "/" + zeros + low
    }
}
