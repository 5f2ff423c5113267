import LabClock
import TestSupport
import Testing
import WALFormat

@testable import TableFormat

/// A disk may hold anything: refusing is fine, trapping is not.
@Suite struct HostilePageTests {
    @Test(arguments: [0, 1, 8191, 8193]) func `a page has 8192 bytes`(count: Int) {
        #expect(throws: PageError.wrongByteCount(count)) {
            try HeapPage(bytes: Array(repeating: 0, count: count))
        }
    }

    @Test(arguments: [(12, 23), (12, 8193), (14, 23), (14, 8193), (16, 8191), (18, 0x2003)])
    func `a header out of order is refused`(offset: Int, value: UInt16) {
        var bytes = HeapPage().bytes
        bytes.store(littleEndian: value, at: offset)
        #expect(throws: PageError.self) { try HeapPage(bytes: bytes) }
    }

    @Test func `pages with garbage in them can be read and changed`() throws {
        var random = SeededDraws(seed: 41)
        for _ in 0..<300 {
            var bytes = randomPage(&random, steps: 12, from: HeapPage()).bytes
            for _ in 0..<20 {
                let inFront = Bool.random(using: &random)
                let offset = Int.random(in: inFront ? 10...80 : 7000...8191, using: &random)
                bytes[offset] = UInt8.random(in: 0...255, using: &random)
            }
            // A header that passes, whatever the line pointers say.
            let lower = UInt16.random(in: 24...400, using: &random)
            bytes.store(littleEndian: lower, at: 12)
            bytes.store(littleEndian: UInt16.random(in: lower...8192, using: &random), at: 14)
            bytes.store(littleEndian: UInt16(8192), at: 16)
            bytes.store(littleEndian: UInt16(0x2004), at: 18)
            let page = try HeapPage(bytes: bytes)
            for item in 0...page.lineCount + 1 { _ = page.tuple(at: item) }
            let changed = randomPage(&random, steps: 8, from: page)
            _ = try HeapPage(bytes: changed.bytes)
        }
    }

    @Test func `garbage is no tuple, and a cut tuple is none`() {
        var random = SeededDraws(seed: 42)
        let whole = tuple("key", String(repeating: "v", count: 200)).encoded()
        for length in 0..<whole.count {
            #expect(throws: TupleError.malformed) {
                try HeapTuple(decoding: Array(whole[..<length]))
            }
        }
        for _ in 0..<3000 {
            var bytes = whole
            bytes[Int.random(in: 18..<40, using: &random)] = UInt8.random(
                in: 0...255, using: &random)
            _ = try? HeapTuple(decoding: bytes)
            _ = try? HeapTuple(decoding: random.bytes(60))
        }
    }

    @Test(arguments: [0, 1, 125, 126, 127, 128, 8000])
    func `texts of every form come back`(count: Int) throws {
        for key in ["", "k", "abc", String(repeating: "k", count: 127)]
        where count + key.utf8.count < 8100 {
            let made = tuple(key, String(repeating: "v", count: count))
            let bytes = made.encoded()
            #expect(try HeapTuple(decoding: bytes) == made)
            #expect(
                bytes.count
                    == HeapTuple.byteCount(
                        keyByteCount: key.utf8.count, valueByteCount: count))
        }
    }

    @Test func `patches that are cut, empty or too long are refused`() throws {
        let data = PagePatch.encode([
            try PagePatch(offset: 8190, bytes: [1, 2]), try PagePatch(offset: 0, bytes: [3]),
        ])
        #expect(data == [0xFE, 0x1F, 2, 0, 1, 2, 0, 0, 1, 0, 3])
        #expect(try PagePatch.decode(data).count == 2)
        #expect(try PagePatch.decode([]).isEmpty)
        for length in 1..<data.count where length != 6 {
            #expect(throws: PageError.self) { try PagePatch.decode(Array(data[..<length])) }
            var page = HeapPage()
            #expect(throws: PageError.self) { try page.apply(encoded: Array(data[..<length])) }
            #expect(page == HeapPage())
        }
        #expect(throws: PageError.patchOutOfPage(offset: 5, byteCount: 0)) {
            try PagePatch.decode([5, 0, 0, 0])
        }
        #expect(throws: PageError.patchOutOfPage(offset: 8191, byteCount: 2)) {
            try PagePatch.decode([0xFF, 0x1F, 2, 0, 1, 2])
        }
        #expect(throws: PageError.patchOutOfPage(offset: 8192, byteCount: 1)) {
            try PagePatch(offset: 8192, bytes: [1])
        }
    }

    @Test func `patches that would break the page change nothing`() throws {
        var page = HeapPage()
        let before = page
        let breaking = [
            try PagePatch(offset: 4000, bytes: [1]), try PagePatch(offset: 12, bytes: [0, 0]),
        ]
        #expect(throws: PageError.malformedHeader(lower: 0, upper: 8192, special: 8192)) {
            try page.apply(encoded: PagePatch.encode(breaking))
        }
        #expect(page == before)
    }
}
