import Cluster
import Foundation
import TestSupport
import Testing
import WALFormat

/// Compressed images of whole pages, and PostgreSQL 15: its programs read ours, and we read its.
@Suite(.serialized, .enabled(if: PostgresTools.areWanted, "PostgreSQL 15 is not installed"))
struct CompressionProgramTests: StandbyJudge {
    private let size = SegmentSize.oneMebibyte

    /// Updates every page, once behind each checkpoint.
    private func work(_ lab: Lab) throws {
        for round in 0..<3 {
            _ = try lab.load(700, prefix: "pay", byteCount: 20 + round, on: "p") { _ in .zero }
            _ = try lab.checkpoint("p")
        }
    }

    @Test func `pg_waldump finds in every image what the lab has saved`() throws {
        let folder = try TemporaryFolder()
        let lab = try Lab(LabOptions(replicas: 0, directory: folder.path + "/lab"))
        defer { lab.close() }
        lab.setImageCompression(.pglz)
        try work(lab)
        let records = try lab.records(of: "p")
        let wanted = records.flatMap { $0.record.blocks.compactMap(\.image) }
            .filter { $0.compression != nil }
            .map { "compression saved: \($0.plainByteCount - $0.bytes.count), method: pglz" }
        #expect(wanted.count > 20)
        let (first, last) = (try #require(records.first), try #require(records.last))
        let dump = try PostgresTools.run(
            "pg_waldump",
            [
                "--bkp-details", "--path", "\(folder.path)/lab/p/pg_wal", "--start",
                "\(first.start)", "--end", "\(last.end)",
            ])
        #expect(dump.status == 0 && dump.errors.isEmpty, "\(dump.errors)")
        let found = dump.lines.compactMap { line in
            line.range(of: "compression saved: ").map { String(line[$0.lowerBound...]) }
        }
        #expect(found == wanted)
    }

    @Test func `an unmodified standby replays them, and recovers from them`() throws {
        try withStandby { lab, _ in
            lab.setImageCompression(.pglz)
            try work(lab)
            let images = try lab.records(of: "p").flatMap { $0.record.blocks.compactMap(\.image) }
            #expect(images.count { $0.compression == .pglz } > 20)
            #expect(standing("pg", lab) == flush(of: "p", lab))
            let expected = try (1...700).map { number in
                "pay:\(number)=\(try lab.read("pay:\(number)", on: "p").value ?? "")"
            }
            #expect(try rows(on: lab) == Set(expected))
        }
    }

    /// The records of a server's log from a position on.
    private func records(_ server: RealServer, from start: LSN) throws -> [WALRecord] {
        var reader = WALReader(
            at: start, previous: nil, segmentSize: size, systemIdentifier: nil)
        var records: [WALRecord] = []
        var number = size.number(containing: start)
        while true {
            switch reader.next() {
            case .record(let record, _, _): records.append(record)
            case .endOfLog: return records
            case .corrupt(let position, _, _):
                Issue.record("corrupt at \(position)")
                return records
            case .needsMoreBytes:
                let name = SegmentName(timeline: .first, number: number).fileName(size)
                let path = "\(server.directory)/pg_wal/\(name)"
                guard let file = FileManager.default.contents(atPath: path) else { return records }
                let isFirst = number == size.number(containing: start)
                reader.feed([UInt8](file.dropFirst(isFirst ? size.offset(of: start) : 0)))
                number += 1
            }
        }
    }

    @Test func `every image that PostgreSQL has compressed is a page`() throws {
        let server = try RealServer(segmentMebibytes: 1, settings: ["wal_compression=pglz"])
        defer { server.stop() }
        let start = try #require(LSN(try server.sql("SELECT pg_current_wal_lsn()")[0]))
        try server.sql(
            "CREATE TABLE t(a int PRIMARY KEY, b text)",
            "INSERT INTO t SELECT i, repeat('x', i % 500) || i FROM generate_series(1, 4000) i",
            "CHECKPOINT", "UPDATE t SET b = b || 'y' WHERE a % 3 = 0", "CHECKPOINT",
            "UPDATE t SET b = md5(b)", "CREATE INDEX ON t(b)")
        let images = try records(server, from: start).flatMap { $0.blocks.compactMap(\.image) }
        let compressed = images.filter { $0.compression == .pglz }
        #expect(compressed.count > 100)
        for image in compressed {
            let page = try image.restored()
            // 8192 bytes, layout version 4.
            #expect(page.count == 8192 && page[18...19] == [4, 0x20])
            // Made again from the page it is no worse than a little.
            let own = PageImage(page: page, compressedWith: .pglz)
            #expect(own.plainByteCount == image.plainByteCount)
            #expect(own.bytes.count <= image.bytes.count * 11 / 10)
        }
    }
}
