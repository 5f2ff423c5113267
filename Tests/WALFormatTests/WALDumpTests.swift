import Foundation
import LabClock
import TestSupport
import Testing

@testable import WALFormat

/// PostgreSQL's own reader as the judge of our writer: what `pg_waldump` lists is what we inserted.
@Suite struct WALDumpTests {
    static let program = "/usr/lib/postgresql/15/bin/pg_waldump"

    /// Where PostgreSQL is required, a missing program is a failure, not a skip.
    static var isWanted: Bool {
        FileManager.default.isExecutableFile(atPath: program)
            || ProcessInfo.processInfo.environment["SHIPLOG_REQUIRE_POSTGRES"] == "1"
    }

    @Test(.enabled(if: isWanted, "pg_waldump 15 is not installed"))
    func `pg_waldump lists every record we inserted and nothing else`() throws {
        let log = Self.logOfEveryKind()
        let lines = try Self.dump(log)
        #expect(lines.count == log.records.count)
        for (line, placed) in zip(lines, log.records) {
            #expect(line == DumpLine(placed))
        }
    }

    /// All kinds of record, then random ones over the end of the segment, then a switch.
    private static func logOfEveryKind() -> TestLog {
        var random = SeededDraws(seed: 31)
        var log = TestLog(at: LSN(0x1000000))
        log.append(.checkpoint(RecordBodyTests.checkPoint, shutdown: true))
        for body in RecordBodyTests.bodies where body != .switchSegment {
            log.append(body, xid: 700)
        }
        for (lower, upper) in [(24, 8192), (300, 4000), (0, 0)] {
            let image = PageImage(page: page(lower: lower, upper: upper, fill: 0x11))
            log.append(
                .generic([
                    BlockReference(block: 17, image: image),
                    BlockReference(block: 18, data: [24, 0, 1, 0, 0xFF]),
                ]), xid: 701)
        }
        while log.end < LSN(0x1100000) {
            log.append(randomRecord(&random, limit: 60000))
        }
        log.append(.commit(PostgresTime(microseconds: 7)), xid: 702)
        log.append(.switchSegment)
        return log
    }

    private static func dump(_ log: TestLog) throws -> [DumpLine] {
        let folder = try TemporaryFolder()
        let size = SegmentSize.oneMebibyte
        for start in stride(from: 0, to: log.bytes.count, by: size.byteCount) {
            let number = size.number(containing: log.start.advanced(by: start))
            let name = SegmentName(timeline: .first, number: number).fileName(size)
            try Data(log.bytes[start..<start + size.byteCount])
                .write(to: URL(filePath: folder.path + "/" + name))
        }
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = [
            "--path", folder.path, "--start", "0/1000028", "--end", "\(log.end)",
        ]
        process.standardOutput = output
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: text, as: UTF8.self).split(separator: "\n").map {
            DumpLine(parsing: String($0))
        }
    }
}

/// What `pg_waldump` says about a record: manager, lengths without and with images, transaction,
/// place.
private struct DumpLine: Equatable {
    var fields: [String]

    init(parsing line: String) {
        let head = line.prefix { $0 != ";" }
        let words = head.split { " ,/:()".contains($0) }.map(String.init)
        // rmgr X len rec tot N N tx N lsn H L prev H L …
        fields = words.count < 15 ? [line] : [1, 5, 6, 8].map { words[$0] }
        if words.count >= 15 {
            fields += [(10, 11), (13, 14)].map { high, low in
                LSN("\(words[high])/\(words[low])")?.description ?? line
            }
        }
    }

    init(_ placed: PlacedRecord) {
        let record = placed.record
        let total = record.encoded().count
        let images = record.blocks.compactMap { $0.image?.bytes.count }.reduce(0, +)
        fields = [
            ResourceManager.name(for: record.resourceManager), "\(total - images)", "\(total)",
            "\(record.xid)", "\(placed.start)", "\(record.previous)",
        ]
    }
}
