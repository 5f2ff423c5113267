import Testing
import WALFormat

@testable import Replication

/// The bytes before a member, against those that PostgreSQL 15.20 sent.
struct TarHeaderTests {
    /// 2026-11-23 14:01:13 UTC.
    private let time = PostgresTime(microseconds: (1_795_442_473 - 946_684_800) * 1_000_000)

    private func text(_ header: [UInt8], _ range: Range<Int>) -> String {
        String(decoding: header[range], as: UTF8.self)
    }

    @Test func `a file's header is PostgreSQL's, but for the owner`() {
        let header = TarHeader.bytes(
            of: BackupFile(
                path: "backup_label", kind: .file(byteCount: 225), modifiedAt: time))
        #expect(header.count == 512)
        #expect(text(header, 0..<12) == "backup_label")
        #expect(header[12..<100].allSatisfy { $0 == 0 })
        #expect(text(header, 100..<108) == "0000600 ")
        // PostgreSQL had 0000145 and 0000150 here, and the sum 0015513, which is 16 more.
        #expect(text(header, 108..<124) == "0000000 0000000 ")
        #expect(text(header, 124..<148) == "00000000341 15301043451 ")
        #expect(text(header, 148..<156) == "0015473 ")
        #expect(text(header, 156..<157) == "0")
        #expect(header[157..<257].allSatisfy { $0 == 0 })
        #expect(text(header, 257..<265) == "ustar\u{0}00")
        #expect(text(header, 265..<297) == "postgres" + String(repeating: "\u{0}", count: 24))
        #expect(text(header, 297..<329) == "postgres" + String(repeating: "\u{0}", count: 24))
        #expect(text(header, 329..<345) == "0000000 0000000 ")
        #expect(header[345...].allSatisfy { $0 == 0 })
    }

    @Test func `a directory's name ends with a slash, and it has no content`() {
        let header = TarHeader.bytes(
            of: BackupFile(path: "pg_wal", kind: .directory, modifiedAt: time))
        #expect(text(header, 0..<8) == "pg_wal/\u{0}")
        #expect(text(header, 100..<108) == "0000700 ")
        #expect(text(header, 124..<136) == "00000000000 ")
        #expect(text(header, 156..<157) == "5")
    }

    @Test func `a number too large for its digits is binary`() {
        let limit = UInt64(1) << 33
        #expect(TarHeader.number(limit - 1, width: 12) == Array("77777777777 ".utf8))
        #expect(
            TarHeader.number(limit, width: 12) == [0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0])
        #expect(
            TarHeader.number(.max, width: 12)
                == [0x80, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255])
    }

    @Test(arguments: [(0, 0), (1, 511), (511, 1), (512, 0), (513, 511), (225, 287)])
    func `content is filled up to whole blocks`(_ content: Int, _ padding: Int) {
        #expect(TarHeader.padding(after: content).count == padding)
    }

    @Test(arguments: [
        (0, "2000-01-01 00:00:00 GMT"), (86_399, "2000-01-01 23:59:59 GMT"),
        (59 * 86_400, "2000-02-29 00:00:00 GMT"), (60 * 86_400, "2000-03-01 00:00:00 GMT"),
        (848_757_673, "2026-11-23 14:01:13 GMT"), (820_551_600, "2026-01-01 03:00:00 GMT"),
        (-1, "1999-12-31 23:59:59 GMT"), (-946_684_800, "1970-01-01 00:00:00 GMT"),
        (3_160_857_600, "2100-03-01 00:00:00 GMT"), (12_622_780_799, "2399-12-31 23:59:59 GMT"),
    ])
    func `the calendar`(_ seconds: Int64, _ text: String) {
        #expect(PostgresTime(microseconds: seconds * 1_000_000).gmtText == text)
    }

    @Test func `the ends of time have a date, too`() {
        #expect(PostgresTime(microseconds: .max).gmtText == "294277-01-09 04:00:54 GMT")
        #expect(PostgresTime(microseconds: .min).unixSeconds == 0)
    }
}
