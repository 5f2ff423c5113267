import Testing
import WALFormat

@testable import Storage

/// How much log a change costs, beside what PostgreSQL 15.18 writes for the same (measured: rows
/// `user:1`… with values of 100 bytes in a fresh `kv(key text, value text)`, no index).
struct WALVolumeTests {
    private func node(rows: Int) throws -> TestNode {
        var node = try TestNode(try TestNode.fresh())
        let xid = node.database.begin()
        for number in 1...rows {
            try node.database.put(
                "user:\(number)", String(repeating: "a", count: 100), xid: xid)
        }
        _ = try node.database.commit(xid, at: TestNode.start)
        try node.checkpoint()
        return node
    }

    /// The bytes of log of an update and its COMMIT.
    private func cost(_ node: inout TestNode, _ key: String, _ letter: String) throws -> Int {
        let before = node.database.insertLSN
        try node.set(key, String(repeating: letter, count: 100))
        return node.database.insertLSN - before
    }

    @Test func `an update of a hundred bytes costs 208 bytes in PostgreSQL and 240 here`() throws {
        var node = try node(rows: 20)
        _ = try cost(&node, "user:2", "b")
        #expect(try cost(&node, "user:3", "c") == 240)
        #expect(try cost(&node, "user:4", "d") == 240)
        #expect(240.0 / 208 <= 1.3)
    }

    @Test func `its first touch after a checkpoint leaves the page's hole out`() throws {
        for (rows, here, postgres) in [(20, 3056, 3088), (38, 5600, 5632), (40, 5880, 5888)] {
            var node = try node(rows: rows)
            let first = try cost(&node, "user:2", "b")
            #expect(first == here)
            #expect(Double(first) / Double(postgres) <= 1.3)
        }
    }

    @Test func `inserts and deletes cost little more than the row`() throws {
        var node = try node(rows: 20)
        _ = try cost(&node, "user:2", "b")
        let insert = try cost(&node, "user:99", "n")
        let before = node.database.insertLSN
        let xid = node.database.begin()
        #expect(try node.database.delete("user:5", xid: xid))
        _ = try node.database.commit(xid, at: TestNode.start)
        #expect(insert == 232)
        #expect(node.database.insertLSN - before == 96)
    }

    @Test func `the log since the last checkpoint decides when the next one is due`() throws {
        var node = try node(rows: 20)
        let start = node.database.walSinceCheckpoint
        #expect(start == 176)
        #expect(!node.database.isCheckpointDue(after: 1000))
        while node.database.walSinceCheckpoint < 10_000 { _ = try cost(&node, "user:1", "x") }
        #expect(node.database.isCheckpointDue(after: 10_000))
        #expect(!node.database.isCheckpointDue(after: 20_000))
        try node.checkpoint()
        #expect(node.database.walSinceCheckpoint == start)
    }

    @Test func `a standby's restartpoint is due only when a checkpoint has come`() throws {
        let fileSystem = try TestNode.fresh()
        let copy = try TestNode.clone(of: fileSystem)
        var primary = try TestNode(fileSystem)
        var standby = try TestNode(copy)
        for number in 1...50 { try primary.set("key\(number)", "value") }
        try standby.follow(primary)
        #expect(standby.database.walSinceCheckpoint > 2000)
        #expect(!standby.database.isCheckpointDue(after: 2000))
        try primary.checkpoint()
        try standby.follow(primary)
        #expect(standby.database.isCheckpointDue(after: 2000))
        let plan = standby.database.restartpoint()
        try standby.perform(.checkpoint(try #require(plan)))
        #expect(!standby.database.isCheckpointDue(after: 2000))
    }
}
