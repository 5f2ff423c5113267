import LabClock
import Testing

@testable import TableFormat
@testable import WALFormat

@Suite struct RedoTests {
    /// The one promise of physical replication: the same records make the same bytes.
    @Test(arguments: [51, 52, 53, 54]) func `redo makes the page that the primary has`(
        seed: UInt64
    ) throws {
        var random = SeededDraws(seed: seed)
        var primary = HeapPage()
        var standby: HeapPage?
        for step in 1...150 {
            let changed = randomPage(&random, steps: 3, from: primary)
            let end = LSN(UInt64(step) * 1000)
            let reference = BlockReference(
                block: 0, from: primary, to: changed, withImage: step % 40 == 1)
            primary = changed
            primary.zeroHole()
            primary.setLSN(end)
            standby = try HeapPage.redo(reference, on: standby, end: end)
            #expect(standby == primary)
        }
    }

    @Test func `an image is the same page, compressed or not`() throws {
        var page = HeapPage()
        for number in 0..<60 { _ = page.insert(tuple("pay:\(number)", "\(number)")) }
        let plain = BlockReference(block: 0, from: HeapPage(), to: page, withImage: true)
        let compressed = BlockReference(
            block: 0, from: HeapPage(), to: page, withImage: true, compressedWith: .pglz)
        #expect(compressed.image?.compression == .pglz)
        let end = LSN(1000)
        #expect(
            try HeapPage.redo(compressed, on: nil, end: end)
                == HeapPage.redo(plain, on: nil, end: end))
    }

    @Test func `an image that cannot be decompressed is an error, and no page`() throws {
        let image = try #require(
            PageImage(
                holeOffset: 100, holeLength: 8000, bytes: [1, 0, 0], appliesOnRedo: true,
                compression: .pglz))
        let reference = BlockReference(block: 7, image: image)
        #expect(throws: PageError.image(block: 7, .malformed(.pglz))) {
            try HeapPage.redo(reference, on: HeapPage(), end: LSN(1000))
        }
    }

    @Test func `what was in the hole is neither trusted nor sent`() throws {
        var old = HeapPage()
        _ = old.insert(tuple("a", "1"))
        var clean = old
        clean.zeroHole()
        // Leftovers in the old hole that happen to equal what the new tuple will hold there.
        var new = old
        _ = new.insert(tuple("b", "2"))
        old.bytes.overwrite(at: 8000, with: new.bytes[8000..<8160])
        new.bytes.overwrite(at: 4000, with: [UInt8](repeating: 0xEE, count: 100)[...])
        let patches = HeapPage.patches(from: old, to: new)
        #expect(
            patches.allSatisfy { $0.offset + $0.bytes.count <= new.lower || $0.offset >= new.upper }
        )
        try clean.apply(encoded: PagePatch.encode(patches))
        clean.zeroHole()
        new.zeroHole()
        #expect(clean == new)
    }

    @Test func `redo of a change that the page already has does nothing`() throws {
        var page = HeapPage()
        _ = page.insert(tuple("a", "1"))
        page.setLSN(LSN(500))
        let reference = BlockReference(block: 0, from: HeapPage(), to: page, withImage: false)
        #expect(try HeapPage.redo(reference, on: page, end: LSN(400)) == page)
        #expect(try HeapPage.redo(reference, on: page, end: LSN(500)) == page)
        #expect(try HeapPage.redo(reference, on: HeapPage(), end: LSN(500)) == page)
    }

    @Test func `patches need a page, an image does not`() throws {
        let patches = BlockReference(block: 9, data: [10, 0, 1, 0, 0])
        #expect(throws: PageError.missingPage(block: 9)) {
            try HeapPage.redo(patches, on: nil, end: LSN(8))
        }
        let blank = try HeapPage(bytes: Array(repeating: 0, count: 8192))
        #expect(throws: PageError.missingPage(block: 9)) {
            try HeapPage.redo(patches, on: blank, end: LSN(8))
        }
        var newer = HeapPage()
        newer.setLSN(LSN(900))
        let image = BlockReference(block: 9, from: newer, to: HeapPage(), withImage: true)
        #expect(try HeapPage.redo(image, on: newer, end: LSN(8)).lsn == LSN(8))
    }

    @Test func `the LSN and the checksum are not in the patches`() {
        let old = HeapPage()
        var new = old
        new.setLSN(LSN(.max))
        new.bytes.overwrite(at: 8, with: [1, 2])
        #expect(HeapPage.patches(from: old, to: new).isEmpty)
    }

    @Test func `stretches a header apart are one patch, further ones are two`() {
        let old = HeapPage()
        for (distance, count) in [(1, 1), (2, 1), (5, 1), (6, 2), (40, 2)] {
            var new = old
            new.bytes.store(littleEndian: UInt16(4000), at: 14)
            new.bytes[5003] = 1
            new.bytes[5003 + distance] = 1
            let patches = HeapPage.patches(from: old, to: new).filter { $0.offset > 24 }
            #expect(patches.count == count)
        }
    }

    @Test func `updating a hundred bytes costs about as much log`() throws {
        for rows in [2, 20, 40] {
            var old = HeapPage()
            for number in 1...rows {
                _ = old.insert(tuple("user:\(number)", String(repeating: "a", count: 100)))
            }
            old.markDeleted(item: 1, xmax: TransactionID(701))
            var new = old
            let version = tuple(
                "user:2", String(repeating: "b", count: 100), xmin: 9000, replacesAnother: true)
            let item = new.insert(version)
            new.markDeleted(
                item: 2, xmax: TransactionID(9000), successor: (0, UInt16(try #require(item))))
            var inserter = WALInserter(
                systemIdentifier: 1, timeline: .first, segmentSize: .oneMebibyte,
                at: LSN(0x1000100), previous: LSN(0x1000028))
            let reference = BlockReference(block: 0, from: old, to: new, withImage: false)
            inserter.insert(WALRecord(xid: TransactionID(9000), body: .generic([reference])))
            inserter.insert(
                WALRecord(xid: TransactionID(9000), body: .commit(PostgresTime(microseconds: 1))))
            #expect(inserter.insertLSN - LSN(0x1000100) <= 270)
        }
    }
}
