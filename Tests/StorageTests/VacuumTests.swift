import TableFormat
import Testing
import WALFormat

@testable import Storage

struct VacuumTests {
    private func node() throws -> TestNode { try TestNode(try TestNode.fresh()) }

    /// The items of all pages.
    private func versions(_ node: TestNode) -> Int {
        node.database.pages.reduce(0) { $0 + $1.items.count }
    }

    @Test func `dead versions go, living ones stay, and the report counts them`() throws {
        var node = try node()
        for number in 1...50 { try node.set("key\(number % 10)", "value \(number)") }
        let xid = node.database.begin()
        try node.database.put("key1", "undone", xid: xid)
        _ = try node.database.abort(xid, at: TestNode.start)
        let rows = node.rows
        let before = node.database.pages[0].freeSpace
        let report = try node.database.vacuum()
        #expect(report.pagesScanned == 1 && report.pagesPruned == 1)
        #expect(report.tuplesRemoved == 41)
        #expect(report.bytesFreed >= node.database.pages[0].freeSpace - before)
        #expect(report.bytesFreed > 41 * 32)
        #expect(versions(node) == 10)
        #expect(node.rows == rows)
        #expect(node.database.index == node.database.rebuiltIndex())
        let position = node.database.insertLSN
        #expect(try node.database.vacuum() == VacuumReport(pagesScanned: 1))
        #expect(node.database.insertLSN == position, "nothing to do writes nothing")
    }

    @Test func `what an open transaction made, deleted or replaced stays`() throws {
        var node = try node()
        for key in ["a", "b", "c"] { try node.set(key, "1") }
        let xid = node.database.begin()
        try node.database.put("a", "2", xid: xid)
        try node.database.put("a", "3", xid: xid)
        #expect(try node.database.delete("b", xid: xid))
        try node.database.put("d", "4", xid: xid)
        let before = versions(node)
        #expect(try node.database.vacuum().tuplesRemoved == 0)
        #expect(versions(node) == before)
        #expect(node.database.get("a", as: xid) == "3")
        _ = try node.database.abort(xid, at: TestNode.start)
        #expect(node.rows == ["a": "1", "b": "1", "c": "1"])
        #expect(try node.database.vacuum().tuplesRemoved == 3)
        #expect(node.rows == ["a": "1", "b": "1", "c": "1"])
    }

    @Test func `what a crash left behind is taken away`() throws {
        let fileSystem = try TestNode.fresh()
        do {
            var node = try TestNode(fileSystem)
            try node.set("a", "1")
            let xid = node.database.begin()
            try node.database.put("a", "lost", xid: xid)
            try node.flush()
        }
        var again = try TestNode(fileSystem)
        #expect(try again.database.vacuum().tuplesRemoved == 1)
        #expect(again.rows == ["a": "1"])
    }

    @Test func `the room is used again, so a table updated and vacuumed does not grow`() throws {
        var node = try node()
        let value = String(repeating: "x", count: 500)
        for number in 0..<60 { try node.set("key\(number)", value) }
        for round in 0..<20 {
            for number in 0..<60 { try node.set("key\(number)", value + "\(round)") }
            _ = try node.database.vacuum()
        }
        // 60 rows of 540 bytes fill 5 pages; as many again take the new versions.
        #expect(node.database.pages.count <= 10)
        #expect(node.database.keyCount == 60)
        // Small rows find the gaps between large ones.
        let pages = node.database.pages.count
        for number in 0..<100 { try node.set("small\(number)", "v") }
        #expect(node.database.pages.count == pages)
    }

    @Test(arguments: [true, false])
    func `a standby prunes the same pages to the same bytes`(checkpointBefore: Bool) throws {
        let fileSystem = try TestNode.fresh()
        let copy = try TestNode.clone(of: fileSystem)
        var primary = try TestNode(fileSystem)
        var standby = try TestNode(copy)
        for number in 0..<300 { try primary.set("key\(number % 40)", "some value \(number)") }
        try standby.follow(primary)
        if checkpointBefore { try primary.checkpoint() }
        let before = primary.database.pages
        let report = try primary.database.vacuum()
        #expect(report.tuplesRemoved == 260)
        for number in 0..<20 { try primary.set("key\(number)", "after") }
        try standby.follow(primary)
        #expect(primary.database.pages != before)
        #expect(standby.database.pages == primary.database.pages)
        #expect(standby.database.index == primary.database.index)
        #expect(standby.rows == primary.rows)
        #expect(
            try DirectoryComparison(primary.fileSystem, copy).outcome == .identical)
        #expect(throws: TableError.readOnly) { try standby.database.vacuum() }
    }

    @Test func `the witness knows no change in a vacuum`() throws {
        let fileSystem = try TestNode.fresh()
        var node = try TestNode(fileSystem)
        for number in 1...20 { try node.set("key\(number % 5)", "value \(number)") }
        _ = try node.database.vacuum()
        try node.set("key1", "after")
        let found = try WALOnDisk(fileSystem).transactions()
        #expect(found.count == 21)
        #expect(found.allSatisfy { $0.isComplete && $0.changes.count == 1 })
        #expect(found.last?.changes == [.init(key: "key1", value: "after")])
    }
}
