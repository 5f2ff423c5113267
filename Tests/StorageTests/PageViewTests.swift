import LabClock
import TableFormat
import Testing
import WALFormat

@testable import Storage

struct PageViewTests {
    @Test func `a page is laid open with its line pointers, versions and their fates`() throws {
        var node = try TestNode(try TestNode.fresh())
        try node.set("a", "1")
        try node.set("a", "2")
        try node.set("b", "3")
        let open = node.database.begin()
        #expect(try node.database.delete("b", xid: open))
        try node.database.put("c", "4", xid: open)
        let undone = node.database.begin()
        try node.database.put("d", "5", xid: undone)
        let end = node.database.insertLSN
        _ = try node.database.abort(undone, at: TestNode.start)

        let view = try #require(node.database.pageView(0))
        #expect(node.database.pageView(1) == nil)
        #expect(view.block == 0)
        #expect(view.lsn == end)
        #expect(view.lower == 24 + 5 * 4)
        #expect(view.upper == 8192 - 5 * 32)
        #expect(view.special == 8192)
        #expect(view.flagNames == [])
        #expect(view.freeByteCount == view.upper - view.lower - 4)
        #expect(view.checksum == node.database.pages[0].checksum(block: 0))
        #expect(view.pruneXID == TransactionID(4))
        #expect(view.lines.map(\.item) == [1, 2, 3, 4, 5])
        #expect(view.lines.allSatisfy { $0.state == .normal && $0.byteCount == 28 })
        #expect(view.lines[0].offset == 8160)
        let tuples = view.lines.compactMap(\.tuple)
        #expect(tuples.map(\.key) == ["a", "a", "b", "c", "d"])
        #expect(tuples.map(\.value) == ["1", "2", "3", "4", "5"])
        #expect(
            tuples.map(\.fate) == [
                .deleted(by: TransactionID(4)), .live, .beingDeleted(by: open),
                .beingMade(by: open), .neverWas,
            ])
        #expect(tuples[0].nextBlock == 0 && tuples[0].nextItem == 2)
        #expect(tuples[0].xmaxStatus == .committed)
        #expect(tuples[1].xmax == .invalid && tuples[1].xmaxStatus == nil)
        #expect(
            tuples[1].flagNames == ["HEAP_HASVARWIDTH", "HEAP_XMAX_INVALID", "HEAP_UPDATED"])
        #expect(tuples[2].flagNames == ["HEAP_KEYS_UPDATED", "HEAP_HASVARWIDTH"])
    }

    @Test func `after a vacuum the line pointers are unused and the header says so`() throws {
        var node = try TestNode(try TestNode.fresh())
        for number in 1...4 { try node.set("a", "\(number)") }
        try node.set("b", "1")
        _ = try node.database.vacuum()
        let view = try #require(node.database.pageView(0))
        #expect(view.flagNames == ["PD_HAS_FREE_LINES"])
        #expect(view.lines.map(\.state) == [.unused, .unused, .unused, .normal, .normal])
        #expect(view.lines[0].tuple == nil)
    }

    @Test func `the page in the file is the one of the last checkpoint`() throws {
        let disk = try TestNode.fresh()
        var node = try TestNode(disk)
        #expect(try PageView.onDisk(0, of: disk) == nil)
        try node.set("a", "1")
        try node.checkpoint()
        let view = node.database.pageView(0)
        try node.set("a", "2")
        let found = try #require(try PageView.onDisk(0, of: disk))
        #expect(found.view == view && found.damage == nil)
        #expect(node.database.pageView(0) != view)
        try disk.flipBit(of: "base/5/16384", at: 8000, bit: 0)
        #expect(try PageView.onDisk(0, of: disk)?.damage?.block == 0)
    }

    @Test func `any bytes can be looked at`() {
        var random = SeededDraws(seed: 5)
        for _ in 0..<200 {
            var bytes = (0..<8192).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            bytes.replaceSubrange(12..<20, with: [0x00, 0x10, 0x00, 0x11, 0x00, 0x20, 0x04, 0x20])
            guard let page = try? HeapPage(bytes: bytes) else { continue }
            let view = PageView(page, block: 3) { _ in .committed }
            #expect(view.lines.count == (0x1000 - 24) / 4)
        }
    }
}
