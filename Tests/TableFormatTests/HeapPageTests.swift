import TestSupport
import Testing
import WALFormat

@testable import TableFormat

@Suite struct HeapPageTests {
    /// Page 0 of `kv` in a PostgreSQL 15 cluster after
    /// `INSERT ('a','1')` (725); `INSERT ('bb', 126 x), ('ccc', 127 y), (130 k, '')` (726);
    /// `DELETE 'a'` (727). Of the table's hint bits, which readers set, only our own are in it.
    @Test func `the same changes make the same page as in PostgreSQL`() throws {
        var page = HeapPage()
        _ = page.insert(tuple("a", "1", xmin: 725))
        _ = page.insert(tuple("bb", String(repeating: "x", count: 126), xmin: 726))
        _ = page.insert(tuple("ccc", String(repeating: "y", count: 127), xmin: 726))
        _ = page.insert(tuple(String(repeating: "k", count: 130), "", xmin: 726))
        page.markDeleted(item: 1, xmax: TransactionID(727))
        page.setLSN(LSN(0x632C48))

        let head = hex(
            """
            00000000 482c6300 0000 0000 2800 001e 0020 0420 d7020000 \
            e09f3800 409f3401 a09e3e01 009e3e01 00000000
            """)
        #expect(Array(page.bytes[..<44]) == head)
        func line(_ offset: Int, _ count: Int) -> [UInt8] {
            Array(page.bytes[offset..<offset + count])
        }
        let zeros = "00000000 00000000 "
        #expect(
            line(0x1E00, 32)
                == hex("d6020000" + zeros + "00000000 0400 0200 0208 18 00 18020000 6b6b6b6b"))
        #expect(line(0x1E9C, 4) == hex("6b6b 03 00"))
        #expect(
            line(0x1EA0, 32)
                == hex("d6020000" + zeros + "00000000 0300 0200 0208 18 00 09636363 0c020000"))
        #expect(
            line(0x1F40, 32)
                == hex("d6020000" + zeros + "00000000 0200 0200 0208 18 00 076262 ff 78787878"))
        #expect(
            line(0x1FE0, 32)
                == hex(
                    "d5020000 d7020000 00000000 00000000 0100 0220 0200 18 00 0561 0531 00000000"))
    }

    @Test func `an empty page is what PageInit makes`() throws {
        let page = HeapPage()
        #expect(page.lower == 24 && page.upper == 8192 && page.lineCount == 0)
        #expect(page.freeSpace == 8164)
        #expect(page.items.isEmpty && page.tuple(at: 1) == nil && page.tuple(at: 0) == nil)
        #expect(try HeapPage(bytes: page.bytes) == page)
    }

    @Test func `a tuple comes back and names itself as its next version`() throws {
        var page = HeapPage()
        let item = page.insert(tuple("name", "value", xmin: 701))
        #expect(item == 1)
        let found = try #require(page.tuple(at: 1))
        #expect(found.key == Array("name".utf8) && found.value == Array("value".utf8))
        #expect(found.item == 1 && found.xmin == TransactionID(701) && found.deleter == nil)
    }

    @Test func `an update leaves the old version pointing to the new one`() throws {
        var page = HeapPage()
        _ = page.insert(tuple("k", "old"))
        let new = page.insert(tuple("k", "new", xmin: 702, replacesAnother: true))
        let found = page.markDeleted(item: 1, xmax: TransactionID(702), successor: (0x20003, 2))
        let notFound = page.markDeleted(item: 3, xmax: TransactionID(702))
        #expect(found && !notFound)
        let old = try #require(page.tuple(at: 1))
        #expect(old.deleter == TransactionID(702))
        #expect(old.block == 0x20003 && old.item == 2 && new == 2)
        #expect(old.infomask == 0x0002 && old.infomask2 == 2)
        #expect(page.tuple(at: 2)?.infomask == 0x2802)
        #expect(page.pruneXID == TransactionID(702))
    }

    @Test func `a page takes tuples until a pointer and a tuple no longer fit`() {
        var page = HeapPage()
        var count = 0
        while page.insert(tuple("k", "1234567890")) != nil { count += 1 }
        // 24 + 2 + 11 bytes, padded to 40, and a line pointer of 4.
        #expect(count == (8192 - 24) / 44)
        #expect(page.freeSpace < 40)
        #expect(page.items == Array(1...count))
    }

    @Test func `a page holds at most 291 tuples`() {
        var page = HeapPage()
        var count = 0
        while page.insert(tuple("", "")) != nil { count += 1 }
        #expect(count == (8192 - 24) / 36)
        #expect(HeapPage.maximumLineCount == 291)
    }

    @Test func `the largest row fits an empty page exactly, one byte more does not`() throws {
        for keyByteCount in [0, 1, 3, 126, 127, 500, 8000] {
            let room = try #require(HeapTuple.maximumValueByteCount(keyByteCount: keyByteCount))
            let key = String(repeating: "k", count: keyByteCount)
            var page = HeapPage()
            let item = page.insert(tuple(key, String(repeating: "v", count: room)))
            #expect(item == 1)
            #expect(page.tuple(at: 1)?.value.count == room)
            #expect(throws: TupleError.rowTooBig(byteCount: 8168, maximum: 8160)) {
                try HeapTuple(
                    xmin: .firstNormal, block: 0, key: Array(key.utf8),
                    value: Array(repeating: 0, count: room + 1))
            }
        }
        #expect(HeapTuple.maximumValueByteCount(keyByteCount: 3) == 8128)
        #expect(HeapTuple.maximumValueByteCount(keyByteCount: 9000) == nil)
        #expect(
            TupleError.rowTooBig(byteCount: 8168, maximum: 8160).description
                == "row is too big: size 8168, maximum size 8160")
    }

    @Test func `pruning frees the room and keeps the other tuples' items`() {
        var page = HeapPage()
        for number in 1...6 { _ = page.insert(tuple("k\(number)", "v\(number)")) }
        page.markDeleted(item: 2, xmax: TransactionID(800))
        page.markDeleted(item: 5, xmax: TransactionID(801))
        let before = page.freeSpace
        page.prune([2, 6, 9])
        #expect(page.items == [1, 3, 4, 5])
        #expect(page.lineCount == 5)
        #expect(page.freeSpace == before + 2 * 32 + 4)
        #expect(page.pruneXID == TransactionID(801))
        #expect(
            page.items.map { page.tuple(at: $0)?.key ?? [] }
                == [1, 3, 4, 5].map { Array("k\($0)".utf8) })
        let reused = page.insert(tuple("new", ""))
        let added = page.insert(tuple("newer", ""))
        #expect(reused == 2 && added == 6)
        page.prune(page.items)
        #expect(page.lineCount == 1 && page.upper == 8192 && page.pruneXID == .invalid)
    }

    @Test func `a page never written holds nothing and takes nothing`() throws {
        var page = try HeapPage(bytes: Array(repeating: 0, count: 8192))
        #expect(page.isNeverWritten && page.lineCount == 0 && page.freeSpace == 0)
        let item = page.insert(tuple("k", "v"))
        #expect(item == nil)
        page.prune([1])
        page.zeroHole()
        #expect(page.isNeverWritten)
    }
}
