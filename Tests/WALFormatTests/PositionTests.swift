import Testing

@testable import WALFormat

@Suite struct PositionTests {
    @Test(arguments: [
        ("0/16B3748", 0x16B3748, "0/16B3748"), ("16/B374D848", 0x16_B374_D848, "16/B374D848"),
        ("0/00100000", 0x100000, "0/100000"), ("ff/a", 0xFF_0000_000A, "FF/A"),
    ])
    func `a position reads and prints as PostgreSQL writes it`(
        text: String, value: UInt64, printed: String
    ) throws {
        let position = try #require(LSN(text))
        #expect(position.rawValue == value)
        #expect(position.description == printed)
    }

    @Test(arguments: [
        "", "/", "0/", "/0", "0", "0/0/0", "0/123456789", "0/G", "+1/2", "0x1/2", " 0/1",
    ])
    func `a text that is no position is refused`(text: String) {
        #expect(LSN(text) == nil)
    }

    @Test func `arithmetic at the ends of the number range saturates`() {
        #expect(LSN(.max).advanced(by: 1) == LSN(.max))
        #expect(LSN(3).advanced(by: -4) == .invalid)
        #expect(LSN(3).advanced(by: .min) == .invalid)
        #expect(LSN(.max) - LSN(0) == .max)
        #expect(LSN(0) - LSN(.max) == -.max)
        #expect(LSN(100) - LSN(40) == 60)
        #expect(LSN(.max).aligned == LSN(.max - 7))
        #expect([0, 1, 8, 9].map { LSN($0).aligned.rawValue } == [0, 8, 8, 16])
    }

    @Test func `transaction numbers pass over the reserved ones`() {
        #expect(TransactionID(700).next == TransactionID(701))
        #expect(TransactionID(.max).next == .firstNormal)
        #expect(TransactionID.invalid.next == .firstNormal)
        #expect(Timeline.first.next == Timeline(2))
        #expect(Timeline(.max).next == Timeline(.max))
    }

    @Test func `only powers of two from 1 MiB to 1 GiB are segment sizes`() {
        for bad in [0, -1, 1, 1 << 19, 3 << 20, 1 << 31, Int.max, Int.min] {
            #expect(SegmentSize(byteCount: bad) == nil)
        }
        let labels = (20...30).compactMap { SegmentSize(byteCount: 1 << $0)?.label }
        #expect(labels.joined(separator: " ").hasPrefix("1MB 2MB 4MB 8MB 16MB"))
        #expect(labels.last == "1GB")
        #expect(labels.compactMap { SegmentSize(label: $0)?.label } == labels)
        for bad in ["", "MB", "3MB", "0MB", "1024MB", "2GB", "16", "16mb", "+1MB", "16 MB"] {
            #expect(SegmentSize(label: bad) == nil)
        }
    }

    @Test func `a position knows its segment and its place there`() {
        let size = SegmentSize.oneMebibyte
        #expect(size.number(containing: LSN(0x16001B0)) == 0x16)
        #expect(size.offset(of: LSN(0x16001B0)) == 0x1B0)
        #expect(size.start(of: 0x16) == LSN(0x1600000))
        #expect(size.start(of: .max) == LSN(.max))
    }

    @Test(arguments: [20, 24, 30]) func `a segment's name leads back to it`(power: Int) throws {
        let size = try #require(SegmentSize(byteCount: 1 << power))
        for number: UInt64 in [1, 0x16, 0xFFF, 0x1000, 0x12345] {
            let name = SegmentName(timeline: Timeline(0xA), number: number)
            #expect(SegmentName(fileName: name.fileName(size), size: size) == name)
        }
    }

    @Test func `segment names are PostgreSQL's`() {
        let size = SegmentSize.oneMebibyte
        func name(_ timeline: UInt32, _ number: UInt64) -> String {
            SegmentName(timeline: Timeline(timeline), number: number).fileName(size)
        }
        #expect(name(1, 0x16) == "000000010000000000000016")
        #expect(name(2, 0x1001) == "000000020000000100000001")
        for bad in [
            "", "00000001000000000000001", "0000000100000000000010000", "00000001000000000000100g",
            "000000010000000000001000", "00000001000000000000000a",
            "000000010000000000000016.partial",
        ] {
            #expect(SegmentName(fileName: bad, size: size) == nil)
        }
    }

    @Test func `resource managers have the names pg_waldump prints`() {
        let names = [0, 1, 8, 10, 20, 21, 22, 128].map { ResourceManager.name(for: $0) }
        #expect(
            names == [
                "XLOG", "Transaction", "Standby", "Heap", "Generic", "LogicalMessage",
                "UNKNOWN 22", "custom128",
            ])
    }
}
