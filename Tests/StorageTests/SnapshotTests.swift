import Testing
import WALFormat

@testable import Storage

/// Readers who go on seeing the table as it was, and what a vacuum may take away meanwhile.
struct SnapshotTests {
    private func node() throws -> TestNode { try TestNode(try TestNode.fresh()) }

    private func rows(
        _ database: Database, _ snapshot: Snapshot, as xid: TransactionID? = nil
    ) -> [String] {
        database.rows(in: snapshot, as: xid).map { "\($0.key)=\($0.value)" }
    }

    @Test func `a snapshot sees what had committed when it was taken, and nothing since`() throws {
        var node = try node()
        try node.set("a", "1")
        try node.set("b", "1")
        let open = node.database.begin()
        try node.database.put("c", "1", xid: open)
        let snapshot = node.database.snapshot
        #expect(snapshot.xmin == open)
        _ = try node.database.commit(open, at: TestNode.start)
        try node.flush()
        try node.set("a", "2")
        let xid = node.database.begin()
        #expect(try node.database.delete("b", xid: xid))
        _ = try node.database.commit(xid, at: TestNode.start)
        try node.flush()
        #expect(node.rows == ["a": "2", "c": "1"])
        #expect(rows(node.database, snapshot) == ["a=1", "b=1"])
        #expect(node.database.get("a", in: snapshot, as: nil) == "1")
        #expect(node.database.get("c", in: snapshot, as: nil) == nil)
        #expect(rows(node.database, node.database.snapshot) == ["a=2", "c=1"])
    }

    @Test func `a commit that is not durable is not in a snapshot`() throws {
        var node = try node()
        try node.set("a", "1")
        let xid = node.database.begin()
        try node.database.put("a", "2", xid: xid)
        _ = try node.database.commit(xid, at: TestNode.start)
        let snapshot = node.database.snapshot
        #expect(snapshot.xmin == xid)
        try node.flush()
        #expect(rows(node.database, snapshot) == ["a=1"])
    }

    @Test func `a transaction sees its own changes in its snapshot`() throws {
        var node = try node()
        try node.set("a", "1")
        let snapshot = node.database.snapshot
        let xid = node.database.begin()
        try node.database.put("a", "2", xid: xid)
        try node.database.put("b", "2", xid: xid)
        #expect(rows(node.database, snapshot, as: xid) == ["a=2", "b=2"])
        #expect(!node.database.isChanged("a", since: snapshot, for: xid))
        _ = try node.database.delete("a", xid: xid)
        #expect(rows(node.database, snapshot, as: xid) == ["b=2"])
    }

    @Test func `whose row was changed or deleted behind a snapshot is told`() throws {
        var node = try node()
        for key in ["a", "b", "c"] { try node.set(key, "1") }
        let snapshot = node.database.snapshot
        try node.set("a", "2")
        let xid = node.database.begin()
        _ = try node.database.delete("b", xid: xid)
        _ = try node.database.commit(xid, at: TestNode.start)
        try node.flush()
        let changed = ["a", "b", "c", "d"].filter {
            node.database.isChanged($0, since: snapshot, for: nil)
        }
        #expect(changed == ["a", "b"])
    }

    @Test func `a vacuum spares what an older snapshot still sees`() throws {
        var node = try node()
        try node.set("a", "1")
        try node.set("a", "2")
        let snapshot = node.database.snapshot
        try node.set("a", "3")
        try node.set("a", "4")
        let report = try node.database.vacuum(sparing: snapshot.xmin)
        #expect(report.tuplesRemoved == 1)
        #expect(report.tuplesSpared == 2)
        #expect(report.pagesSpared == 1)
        #expect(report.newestSpared == TransactionID(snapshot.xmin.rawValue + 1))
        #expect(rows(node.database, snapshot) == ["a=2"])
        #expect(try node.database.vacuum().tuplesRemoved == 2)
        #expect(rows(node.database, snapshot).isEmpty)
        #expect(node.rows == ["a": "4"])
    }

    @Test func `the log says what goes before it goes, and only if somebody may have seen it`()
        throws
    {
        let fileSystem = try TestNode.fresh()
        var node = try TestNode(fileSystem)
        for number in 1...3 { try node.set("a", "\(number)") }
        let deleter = TransactionID(node.database.nextXID.rawValue - 1)
        _ = try node.database.vacuum()
        let undone = node.database.begin()
        try node.database.put("b", "1", xid: undone)
        _ = try node.database.abort(undone, at: TestNode.start)
        #expect(try node.database.vacuum().tuplesRemoved == 1)
        try node.flush()
        let records = try WALOnDisk(fileSystem).records.map(\.record)
        let horizons = records.indices.filter { records[$0].removalHorizon != nil }
        #expect(horizons.count == 1)
        let first = try #require(horizons.first)
        #expect(records[first].removalHorizon == deleter)
        #expect(records[first + 1].blocks.count == 1)
    }

    @Test func `a standby's snapshot knows the transactions that its log has not ended`() throws {
        let fileSystem = try TestNode.fresh()
        let copy = try TestNode.clone(of: fileSystem)
        var primary = try TestNode(fileSystem)
        var standby = try TestNode(copy)
        try primary.set("a", "1")
        let open = primary.database.begin()
        try primary.database.put("b", "1", xid: open)
        try primary.set("a", "2")
        try standby.follow(primary)
        let snapshot = standby.database.snapshot
        #expect(snapshot.xmin == open)
        #expect(snapshot == primary.database.snapshot)
        _ = try primary.database.commit(open, at: TestNode.start)
        try primary.flush()
        try primary.set("a", "3")
        try standby.follow(primary)
        #expect(rows(standby.database, snapshot) == ["a=2"])
        #expect(standby.rows == ["a": "3", "b": "1"])
    }
}
