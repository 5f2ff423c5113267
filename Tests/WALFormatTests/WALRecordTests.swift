import LabClock
import TestSupport
import Testing

@testable import WALFormat

@Suite struct WALRecordTests {
    /// Captured from a PostgreSQL 15 server, where the record stands at 0/1230F38.
    static let captured = hex(
        """
        3f00000000000000100f230100000000 00150000 6a81bf4a ff25 05000000 00550000 \
        0400000000000000 0900000000000000 6c616200 534554206e31207631
        """)

    @Test func `a record captured from PostgreSQL is read`() throws {
        let record = try WALRecord(decoding: Self.captured)
        #expect(record.xid == .invalid)
        #expect(record.previous == LSN(0x1230F10))
        #expect(
            record.body
                == .logicalMessage(
                    transactional: false, prefix: "lab", content: Array("SET n1 v1".utf8)))
        #expect(record.encoded() == Self.captured)
    }

    @Test func `our own record differs from it in the padding and the checksum only`() {
        var record = WALRecord(
            body: .logicalMessage(
                transactional: false, prefix: "lab", content: Array("SET n1 v1".utf8)))
        record.previous = LSN(0x1230F10)
        let ours = record.encoded()
        let differing = ours.indices.filter { ours[$0] != Self.captured[$0] }
        #expect(ours.count == Self.captured.count)
        #expect(differing.allSatisfy { (20..<24).contains($0) || (31..<34).contains($0) })
    }

    @Test func `a Generic record has the bytes a real standby accepted`() {
        let record = WALRecord(
            xid: TransactionID(700), previous: LSN(0x28),
            resourceManager: ResourceManager.generic,
            blocks: [BlockReference(block: 17, data: [0, 8, 1, 0, 0xEE])])
        var expected = hex(
            """
            31000000 bc020000 2800000000000000 0014 0000 00000000 \
            00 20 0500 7f060000 05000000 00400000 11000000 0008 0100 ee
            """)
        expected.store(littleEndian: WALRecord.checksum(of: expected[...]), at: 20)
        #expect(record.encoded() == expected)
    }

    @Test func `blocks of one relation name it once`() throws {
        let other = RelationLocator(tablespace: 1663, database: 5, relfilenode: 9)
        let record = WALRecord(
            resourceManager: ResourceManager.generic,
            blocks: [
                BlockReference(block: 1, data: [1]), BlockReference(block: 2),
                BlockReference(relation: other, block: 3, fork: 2, willInitialize: true),
            ], mainData: [7])
        let bytes = record.encoded()
        #expect(bytes.count == 24 + 20 + 8 + 20 + 2 + 1 + 1)
        #expect(try WALRecord(decoding: bytes) == record)
    }

    @Test(arguments: [0, 1, 255, 256, 70000]) func `main data of any length comes back`(
        count: Int
    ) throws {
        let data = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let record = WALRecord(resourceManager: 10, info: 0x30, mainData: data)
        let bytes = record.encoded()
        #expect(bytes.count == 24 + (count == 0 ? 0 : count < 256 ? 2 : 5) + count)
        #expect(try WALRecord(decoding: bytes) == record)
    }

    @Test func `every truncation and every extension is refused`() {
        var random = SeededDraws(seed: 2)
        for _ in 0..<12 {
            let bytes = randomRecord(&random, limit: 90).encoded()
            for length in Array(0..<bytes.count) + [bytes.count + 1] {
                let cut = Array((bytes + [0]).prefix(length))
                #expect(throws: WALRecordError.self) { try WALRecord(decoding: cut) }
                // With a length field and a checksum that fit, a cut between two fragments leaves
                // a record: exactly the one that has these bytes.
                guard length >= 24, let rest = try? WALRecord(decoding: resealed(cut)) else {
                    continue
                }
                #expect(rest.encoded() == resealed(cut))
            }
        }
    }

    @Test func `every flipped byte is found out`() throws {
        var random = SeededDraws(seed: 3)
        let bytes = randomRecord(&random, limit: 200).encoded()
        for index in bytes.indices {
            for mask: UInt8 in [1, 0x80, 0xFF] {
                var damaged = bytes
                damaged[index] ^= mask
                #expect(throws: WALRecordError.self) { try WALRecord(decoding: damaged) }
            }
        }
    }

    /// A peer can compute a checksum too.
    @Test func `damage under a right checksum never traps`() throws {
        var random = SeededDraws(seed: 4)
        var decoded = 0
        for _ in 0..<6000 {
            var bytes = randomRecord(&random, limit: 60).encoded()
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: 16..<min(bytes.count, 70), using: &random)
                bytes[index] = UInt8.random(in: 0...255, using: &random)
            }
            guard let record = try? WALRecord(decoding: resealed(bytes)) else { continue }
            decoded += 1
            _ = record.body
            _ = record.blocks.map { try? $0.image?.restored().count }
            #expect(try WALRecord(decoding: record.encoded()) == record)
        }
        #expect(decoded > 100)
    }

    @Test func `each kind of forbidden fragment has its own error`() {
        func error(_ body: String) -> WALRecordError? {
            let bytes = resealed([UInt8](repeating: 0, count: 24) + hex(body))
            do throws(WALRecordError) {
                _ = try WALRecord(decoding: bytes)
                return nil
            } catch { return error }
        }
        let rest = "7f060000 05000000 00400000 11000000"
        #expect(error("21") == .unknownFragment(33))
        #expect(error("fb 00 00") == .unknownFragment(0xFB))
        #expect(error("00 20 0000" + rest) == .blockDataFlagDisagrees(block: 0, length: 0))
        #expect(error("00 00 0100" + rest + "aa") == .blockDataFlagDisagrees(block: 0, length: 1))
        #expect(error("03 80 0000 11000000") == .noPreviousRelation(block: 3))
        #expect(error("01 00 0000" + rest + "01 80 0000 11000000") == .blockOutOfOrder(1))
        #expect(
            error("00 10 0000 0100 1800 0b d007" + rest + "aa")
                == .unreadableImage(block: 0, info: 0x0B))
        #expect(error("00 10 0000 0100 0000 06" + rest + "aa") == nil)
        #expect(error("00 10 0000 0100 1800 07 d007" + rest + "aa") == nil)
        for impossible in ["1800 07 0000", "1800 07 ff20", "0000 07 d007", "d01f 07 3100"] {
            let image = "00 10 0000 0100 \(impossible)"
            guard case .impossibleImage? = error(image + rest + "aa") else {
                Issue.record("\(image) is an image")
                continue
            }
        }
        #expect(
            error("00 10 0000 0100 0000 0e" + rest + "aa")
                == .impossibleImage(block: 0, length: 1, holeOffset: 0, info: 0x0E))
        #expect(
            error("00 10 0000 0120 0000 02" + rest)
                == .impossibleImage(block: 0, length: 8193, holeOffset: 0, info: 2))
        #expect(
            error("00 10 0000 0100 0000 02" + rest + "aa")
                == .impossibleImage(block: 0, length: 1, holeOffset: 0, info: 2))
        #expect(
            error("00 10 0000 0100 0200 03" + rest + "aa")
                == .impossibleImage(block: 0, length: 1, holeOffset: 2, info: 3))
        #expect(error("ff") == .fragmentsDisagree(rest: 0))
        #expect(error("ff 02 aa") == .fragmentsDisagree(rest: 1))
        #expect(error("fe ffffffff aa") == .fragmentsDisagree(rest: 1))
        #expect(error("fd 0000 fc 00000000 ff 01 aa") == nil)
    }

    @Test func `lengths that cannot be are refused before anything else`() {
        var bytes = WALRecord(body: .noop).encoded()
        for length: UInt32 in [0, 23, UInt32(WALRecord.maximumByteCount) + 1, .max] {
            bytes.store(littleEndian: length, at: 0)
            #expect(throws: WALRecordError.lengthOutOfRange(length)) {
                try WALRecord(decoding: bytes)
            }
        }
        bytes.store(littleEndian: UInt32(25), at: 0)
        #expect(throws: WALRecordError.lengthsDisagree(stated: 25, actual: 24)) {
            try WALRecord(decoding: bytes)
        }
        #expect(throws: WALRecordError.unknownResourceManager(22)) {
            try WALRecord(decoding: WALRecord(resourceManager: 22).encoded())
        }
    }
}

@Suite struct PageImageTests {
    @Test(arguments: [(24, 8192), (24, 25), (300, 8000)])
    func `the hole is left out and comes back as zeros`(lower: Int, upper: Int) throws {
        let page = page(lower: lower, upper: upper, fill: 0x5A)
        let image = PageImage(page: page)
        #expect(image.holeOffset == lower)
        #expect(image.holeLength == upper - lower)
        #expect(try image.restored() == page)
        let record = WALRecord(body: .generic([BlockReference(block: 1, image: image)]))
        #expect(record.encoded().count == 24 + 25 + 8192 - (upper - lower))
        #expect(try WALRecord(decoding: record.encoded()) == record)
    }

    @Test(arguments: [(23, 8192), (24, 24), (300, 299), (0, 0), (24, 8193), (65535, 65535)])
    func `a page without a proper hole is taken whole`(lower: Int, upper: Int) throws {
        let page = page(lower: lower, upper: upper, fill: 0x5A)
        let image = PageImage(page: page)
        #expect(image.holeOffset == 0 && image.holeLength == 0)
        #expect(try image.restored() == page)
    }

    @Test(arguments: [(24, 8192), (300, 8000), (300, 300)])
    func `a compressed image is shorter, and is the same page`(lower: Int, upper: Int) throws {
        let page = page(lower: lower, upper: upper, fill: 0x5A)
        let plain = PageImage(page: page)
        let image = PageImage(page: page, compressedWith: .pglz)
        #expect(image.plainByteCount == plain.bytes.count)
        #expect((image.compression == .pglz) == (image.bytes.count < plain.bytes.count))
        #expect(try image.restored() == page)
        let record = WALRecord(body: .generic([BlockReference(block: 1, image: image)]))
        #expect(try WALRecord(decoding: record.encoded()) == record)
    }

    @Test func `an image that compression does not make shorter stays as it is`() {
        var random = SeededDraws(seed: 1)
        var page = random.bytes(PageImage.pageByteCount)
        page.overwrite(at: 12, with: [24, 0, 0, 1])
        #expect(PageImage(page: page, compressedWith: .pglz) == PageImage(page: page))
    }

    @Test func `an image that cannot be decompressed is no page`() throws {
        var page = page(lower: 300, upper: 8000, fill: 0x5A)
        page.overwrite(at: 24, with: [UInt8](repeating: 7, count: 200)[...])
        let image = PageImage(page: page, compressedWith: .pglz)
        for count in 0..<image.bytes.count {
            let cut = try #require(
                PageImage(
                    holeOffset: image.holeOffset, holeLength: image.holeLength,
                    bytes: Array(image.bytes.prefix(count)), appliesOnRedo: true,
                    compression: .pglz))
            #expect(throws: PageImageError.malformed(.pglz)) { try cut.restored() }
        }
    }
}

extension PageImageTests {
    /// A record as `wal_compression = lz4` makes it: two blocks, the first with a hole, a patch.
    private var compressed: [UInt8] {
        let relation = hex("7f060000 05000000 00400000")
        let first = hex("00 10 0000 0300 1800 0b d007") + relation + hex("11000000")
        let second = hex("01 b0 0200 0200 0000 0a 12000000")
        return resealed(
            [UInt8](repeating: 0, count: 24) + first + second + hex("aaaaaa bbbb cccc"))
    }

    @Test func `an image of lz4 is refused, unless it is for show only`() throws {
        #expect(throws: WALRecordError.unreadableImage(block: 0, info: 0x0B)) {
            try WALRecord(decoding: compressed)
        }
        let record = try WALRecord(decoding: compressed[...], passesUnreadableImages: true)
        #expect(record.blocks.map(\.block) == [0x11, 0x12])
        #expect(record.blocks.map(\.data) == [[], [0xCC, 0xCC]])
        #expect(record.blocks.map(\.image?.bytes.count) == [3, 2])
        #expect(record.blocks.map(\.image?.compression) == [.lz4, .lz4])
        #expect(record.encoded() == compressed)
        #expect(throws: PageImageError.unreadable(.lz4)) { try record.blocks[0].image?.restored() }
        #expect(record.blocks.map(\.image?.appliesOnRedo) == [true, true])
    }

    @Test func `of a record with compressed images that is cut anywhere, not both are read`() {
        for count in 24..<compressed.count {
            let cut = resealed(Array(compressed.prefix(count)))
            let record = try? WALRecord(decoding: cut[...], passesUnreadableImages: true)
            #expect((record?.blocks.count ?? 0) < 2)
        }
    }
}

/// The bytes with a length field and a checksum that fit them.
func resealed(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    bytes.store(littleEndian: UInt32(bytes.count), at: 0)
    bytes.store(littleEndian: WALRecord.checksum(of: bytes[...]), at: 20)
    return bytes
}
