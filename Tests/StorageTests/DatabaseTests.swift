import LabClock
import TableFormat
import Testing
import WALFormat

@testable import Storage

struct DatabaseTests {
    private func node() throws -> TestNode { try TestNode(try TestNode.fresh()) }

    @Test func `a transaction sees its own changes and nobody else does until its commit`() throws {
        var node = try node()
        try node.set("a", "1")
        let one = node.database.begin()
        let two = node.database.begin()
        try node.database.put("a", "2", xid: one)
        try node.database.put("b", "3", xid: one)
        #expect(node.database.get("a", as: one) == "2")
        #expect(node.database.get("a", as: two) == "1")
        #expect(node.database.get("a") == "1")
        #expect(node.database.get("b") == nil)
        #expect(try node.database.delete("a", xid: one))
        #expect(node.database.get("a", as: one) == nil)
        #expect(try !node.database.delete("a", xid: one))
        _ = try node.database.commit(one, at: TestNode.start)
        try node.flush()
        #expect(node.rows == ["b": "3"])
        #expect(node.database.keyCount == 1)
    }

    @Test func `an aborted update leaves the old version, an aborted insert nothing`() throws {
        var node = try node()
        try node.set("a", "1")
        let xid = node.database.begin()
        try node.database.put("a", "2", xid: xid)
        try node.database.put("a", "3", xid: xid)
        try node.database.put("b", "4", xid: xid)
        _ = try node.database.abort(xid, at: TestNode.start)
        #expect(node.rows == ["a": "1"])
        #expect(node.database.index == node.database.rebuiltIndex())
        try node.set("a", "5")
        #expect(node.rows == ["a": "5"])
        #expect(node.database.commitCount == 2)
    }

    @Test func `a row being changed by another open transaction is a conflict`() throws {
        var node = try node()
        try node.set("a", "1")
        let one = node.database.begin()
        let two = node.database.begin()
        try node.database.put("a", "2", xid: one)
        let before = node.database.insertLSN
        #expect(throws: TableError.conflict(key: "a", holder: one)) {
            try node.database.put("a", "3", xid: two)
        }
        #expect(throws: TableError.conflict(key: "a", holder: one)) {
            try node.database.delete("a", xid: two)
        }
        #expect(node.database.insertLSN == before)
        _ = try node.database.abort(one, at: TestNode.start)
        try node.database.put("a", "3", xid: two)
        _ = try node.database.commit(two, at: TestNode.start)
        try node.flush()
        #expect(node.rows == ["a": "3"])
    }

    @Test func `what PostgreSQL's text refuses is refused, and what it takes is taken`() throws {
        var node = try node()
        let xid = node.database.begin()
        #expect(throws: TableError.zeroByte) { try node.database.put("a\0", "1", xid: xid) }
        #expect(throws: TableError.zeroByte) { try node.database.put("a", "\0", xid: xid) }
        // Equal for Swift, different for PostgreSQL, which compares bytes.
        try node.database.put("caf\u{E9}", "composed", xid: xid)
        try node.database.put("cafe\u{301}", "decomposed", xid: xid)
        try node.database.put("", "the empty key", xid: xid)
        try node.database.put("empty", "", xid: xid)
        try node.database.put("🚢", "a\nb\t\"c\"", xid: xid)
        _ = try node.database.commit(xid, at: TestNode.start)
        try node.flush()
        #expect(node.database.keyCount == 5)
        #expect(node.database.get("caf\u{E9}") == "composed")
        #expect(node.database.get("") == "the empty key")
        #expect(node.database.get("empty") == "")
        #expect(
            node.database.rows().map(\.value) == [
                "the empty key", "decomposed", "composed", "", "a\nb\t\"c\"",
            ])
    }

    @Test func `a row that fills a page is taken, one byte more is refused`() throws {
        var node = try node()
        let limit = try #require(HeapTuple.maximumValueByteCount(keyByteCount: 1))
        try node.set("a", String(repeating: "x", count: limit))
        try node.set("a", String(repeating: "y", count: limit))
        #expect(node.database.pages.count == 2)
        let xid = node.database.begin()
        let failure = #expect(throws: TableError.self) {
            try node.database.put("a", String(repeating: "x", count: limit + 1), xid: xid)
        }
        guard case .rowTooLarge(let byteCount, 8160) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(byteCount > 8160)
        #expect(failure?.description == "row is too big: size \(byteCount), maximum size 8160")
    }

    @Test func `transactions that are not open, and standbys, change nothing`() throws {
        var node = try node()
        let xid = node.database.begin()
        _ = try node.database.commit(xid, at: TestNode.start)
        #expect(throws: TableError.noSuchTransaction(xid)) {
            try node.database.put("a", "1", xid: xid)
        }
        #expect(throws: TableError.noSuchTransaction(xid)) {
            try node.database.commit(xid, at: TestNode.start)
        }
        var standby = try TestNode(try TestNode.clone(of: try TestNode.fresh()))
        #expect(standby.database.isReadOnly)
        #expect(throws: TableError.readOnly) { try standby.database.delete("a", xid: xid) }
        #expect(throws: TableError.readOnly) { try standby.database.switchSegment() }
        #expect(standby.database.takeWAL() == nil)
    }

    @Test func `the first change to a page after a checkpoint carries the page, later ones do not`()
        throws
    {
        let fileSystem = try TestNode.fresh()
        var node = try TestNode(fileSystem)
        try node.set("a", "1")
        try node.set("a", "2")
        try node.checkpoint()
        try node.set("a", "3")
        try node.set("a", "4")
        let images = try WALOnDisk(fileSystem).records.flatMap(\.record.blocks).map {
            $0.image != nil
        }
        #expect(images == [true, false, true, false])
    }

    @Test func `an update that moves to another page is one record of two blocks`() throws {
        let fileSystem = try TestNode.fresh()
        var node = try TestNode(fileSystem)
        try node.set("a", String(repeating: "x", count: 5000))
        try node.set("a", String(repeating: "y", count: 5000))
        let blocks = try WALOnDisk(fileSystem).records.map(\.record.blocks).filter { !$0.isEmpty }
        #expect(blocks.map { $0.map(\.block) } == [[0], [1, 0]])
        let old = try #require(node.database.pages[0].tuple(at: 1))
        #expect(old.block == 1 && old.item == 1)
        #expect(old.deleter == TransactionID(4))
    }

    @Test func `a new page of the commit log is announced in the log`() throws {
        let fileSystem = try TestNode.fresh()
        var node = try TestNode(fileSystem)
        node.database.transactions.next = TransactionID(32767)
        try node.set("a", "1")
        try node.set("b", "2")
        try node.stop()
        let found = try WALOnDisk(fileSystem).records.filter { $0.record.resourceManager == 3 }
        #expect(found.map(\.record.mainData) == [[1, 0, 0, 0]])
        #expect(fileSystem.snapshot["pg_xact/0000"]?.count == 2 * 8192)
    }

    /// Random transactions side by side, crashes and checkpoints between them; beside them a model
    /// made of dictionaries.
    @Test(arguments: 1...12)
    func `random histories agree with a model, and the index with the pages`(seed: UInt64) throws {
        var random = SeededDraws(seed: seed)
        let fileSystem = try TestNode.fresh()
        var node: TestNode? = try TestNode(fileSystem)
        var committed: [String: String] = [:]
        var open: [TransactionID: [String: String?]] = [:]
        for step in 0..<600 {
            let key = "key\(Int.random(in: 0..<12, using: &random))"
            let xid = open.keys.sorted().randomElement(using: &random)
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<15:
                guard let new = node?.database.begin() else { return }
                open[new] = .some([:])
            case 15..<60:
                guard let xid else { continue }
                let length = Int.random(in: 0..<40, using: &random) == 0 ? 3000 : 5
                let value = "\(step)" + String(repeating: "v", count: length)
                let isTaken = open.contains { $0.key != xid && $0.value[key] != nil }
                do {
                    try node?.database.put(key, value, xid: xid)
                    #expect(!isTaken)
                    open[xid]?[key] = .some(value)
                } catch {
                    #expect(isTaken, "\(error)")
                }
            case 60..<70:
                guard let xid else { continue }
                let isTaken = open.contains { $0.key != xid && $0.value[key] != nil }
                let value = open[xid]?[key] ?? committed[key]
                do {
                    #expect(try node?.database.delete(key, xid: xid) == (value != nil))
                    #expect(!isTaken)
                    if value != nil { open[xid]?.updateValue(nil, forKey: key) }
                } catch {
                    #expect(isTaken, "\(error)")
                }
            case 70..<85:
                guard let xid, let changes = open.removeValue(forKey: xid) else { continue }
                _ = try node?.database.commit(xid, at: TestNode.start)
                try node?.flush()
                for (key, value) in changes { committed[key] = value }
            case 85..<95:
                guard let xid else { continue }
                open[xid] = nil
                _ = try node?.database.abort(xid, at: TestNode.start)
            case 95..<98:
                try node?.checkpoint()
            default:
                try node?.flush()
                node = nil
                open = [:]
                node = try TestNode(fileSystem)
            }
            let database = try #require(node?.database)
            #expect(database.index == database.rebuiltIndex(), "step \(step)")
            #expect(node?.rows == committed, "step \(step)")
            if let xid, let changes = open[xid], let value = changes[key] {
                #expect(database.get(key, as: xid) == value)
            }
        }
    }
}
