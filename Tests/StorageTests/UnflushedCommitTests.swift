import Testing
import WALFormat

@testable import Storage

/// Between a COMMIT record's writing and its fdatasync the commit is nobody's to see: a power loss
/// or a failed sync would take it back.
struct UnflushedCommitTests {
    /// A node with rows `a` and `b`, durable.
    private static func node() throws -> TestNode {
        var node = try TestNode(try TestNode.fresh())
        try node.set("a", "1")
        try node.set("b", "1")
        return node
    }

    private static func commit(
        _ database: inout Database, _ key: String, _ value: String?
    ) throws -> LSN {
        let xid = database.begin()
        if let value {
            try database.put(key, value, xid: xid)
        } else {
            #expect(try database.delete(key, xid: xid))
        }
        return try database.commit(xid, at: TestNode.start).end
    }

    @Test func `a commit is seen when it is durable, and in the order of the log`() throws {
        var node = try Self.node()
        let before = node.database.commitCount
        let ends = [
            try Self.commit(&node.database, "a", "2"), try Self.commit(&node.database, "a", "3"),
            try Self.commit(&node.database, "b", nil), try Self.commit(&node.database, "c", "1"),
        ]
        let seen = [
            ["a": "1", "b": "1"], ["a": "2", "b": "1"], ["a": "3", "b": "1"], ["a": "3"],
            ["a": "3", "c": "1"],
        ]
        for (count, rows) in seen.enumerated() {
            if count > 0 {
                let end = ends[count - 1]
                node.database.flushed(upTo: end.advanced(by: -1))
                #expect(node.rows == seen[count - 1], "one byte short of commit \(count)")
                node.database.flushed(upTo: end)
            }
            #expect(node.rows == rows)
            #expect(node.database.keyCount == rows.count)
            #expect(node.database.commitCount == before + count)
            for key in ["a", "b", "c"] { #expect(node.database.get(key) == rows[key]) }
        }
        #expect(!node.database.hasUnflushedCommits)
    }

    @Test func `the next transaction goes on from it, and sees the rest as everyone does`() throws {
        var node = try Self.node()
        _ = try Self.commit(&node.database, "a", "2")
        _ = try Self.commit(&node.database, "c", "1")
        _ = try Self.commit(&node.database, "b", nil)
        #expect(node.database.keys(toChangeBy: nil) == ["a", "c"])
        #expect(!node.database.hasRow("b", toChangeBy: nil))
        let xid = node.database.begin()
        #expect(node.database.get("a", as: xid) == "1")
        try node.database.put("a", "3", xid: xid)
        #expect(node.database.get("a", as: xid) == "3")
        #expect(try node.database.delete("c", xid: xid))
        #expect(try !node.database.delete("b", xid: xid))
        #expect(node.database.rows(as: xid).map(\.key) == ["a", "b"])
        #expect(node.rows == ["a": "1", "b": "1"])
        _ = try node.database.commit(xid, at: TestNode.start)
        try node.flush()
        #expect(node.rows == ["a": "3"])
    }

    @Test func `vacuum leaves what is still seen, and the page says who has not ended`() throws {
        var node = try Self.node()
        _ = try Self.commit(&node.database, "a", "2")
        #expect(try node.database.vacuum().tuplesRemoved == 0)
        #expect(node.rows["a"] == "1")
        let lines = try #require(node.database.pageView(0)).lines
        let fates = lines.compactMap { $0.tuple?.fate }
        let xid = TransactionID(node.database.nextXID.rawValue - 1)
        #expect(fates == [.beingDeleted(by: xid), .live, .beingMade(by: xid)])
        try node.flush()
        #expect(try node.database.vacuum().tuplesRemoved == 1)
        #expect(node.rows["a"] == "2")
    }

    @Test func `after a failed sync what could not be acknowledged is never seen`() throws {
        let disk = FaultyFileSystem(try TestNode.fresh())
        var node = try TestNode(disk)
        try node.set("a", "1")
        disk.failNextSyncs()
        _ = try Self.commit(&node.database, "a", "2")
        #expect(throws: DiskFailure.self) { try node.flush() }
        #expect(node.rows == ["a": "1"])
        _ = try Self.commit(&node.database, "b", "2")
        #expect(throws: DiskFailure.self) { try node.flush() }
        #expect(node.rows == ["a": "1"])
        #expect(node.database.commitCount == 1)
    }

    @Test(arguments: 1...10)
    func `at every moment of a random history what is seen is what is durable`(
        seed: UInt64
    ) throws {
        var node = try TestNode(try TestNode.fresh())
        var work = Workload(seed: seed)
        var promise = Promise()
        var flushed = node.database.insertLSN
        var differences = 0
        for _ in 0..<400 {
            try work.step(&node.database, &promise)
            switch Int.random(in: 0..<30, using: &work.random) {
            case 0..<5:
                let ahead = node.database.insertLSN - flushed
                flushed = flushed.advanced(by: Int.random(in: 0...ahead, using: &work.random))
                node.database.flushed(upTo: flushed)
            case 5: _ = try node.database.vacuum()
            default: break
            }
            let latest = promise.rows(at: node.database.insertLSN)
            let durable = promise.rows(at: flushed)
            if latest != durable { differences += 1 }
            guard node.rows == durable, node.database.keyCount == durable.count,
                node.database.keys(toChangeBy: nil) == latest.keys.sorted(),
                node.database.index == node.database.rebuiltIndex()
            else {
                Issue.record("seed \(seed): seen \(node.rows), durable at \(flushed): \(durable)")
                return
            }
        }
        #expect(differences > 50)
    }
}
