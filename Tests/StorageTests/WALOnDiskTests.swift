import LabClock
import Storage
import Testing
import WALFormat

struct WALOnDiskTests {
    @Test(arguments: [11, 12, 13, 14])
    func `the witness names every change of every committed transaction`(seed: UInt64) throws {
        var random = SeededDraws(seed: seed)
        let fileSystem = try TestNode.fresh()
        var node: TestNode? = try TestNode(fileSystem)
        var expected: [TransactionID: [String: String?]] = [:]
        var ends: [LSN] = []
        var rows: [String: String] = [:]
        for step in 0..<200 {
            guard let xid = node?.database.begin() else { return }
            var changes: [String: String?] = [:]
            for number in 0..<Int.random(in: 1...4, using: &random) {
                let key = "key\(Int.random(in: 0..<30, using: &random))"
                if Int.random(in: 0..<4, using: &random) == 0 {
                    let exists = changes[key].map { $0 != nil } ?? (rows[key] != nil)
                    #expect(try node?.database.delete(key, xid: xid) == exists)
                    if exists { changes.updateValue(nil, forKey: key) }
                } else {
                    let value = "\(step).\(number)"
                    try node?.database.put(key, value, xid: xid)
                    changes.updateValue(value, forKey: key)
                }
            }
            if Int.random(in: 0..<5, using: &random) == 0 {
                _ = try node?.database.abort(xid, at: TestNode.start)
            } else if let inserted = try node?.database.commit(xid, at: TestNode.start) {
                expected[xid] = changes
                ends.append(inserted.end)
                for (key, value) in changes { rows[key] = value }
            }
            try node?.flush()
            if step % 37 == 36 { try node?.checkpoint() }
            if step % 61 == 60 {
                node = nil
                node = try TestNode(fileSystem)
            }
        }
        let found = try WALOnDisk(fileSystem).transactions()
        #expect(found.map(\.commitEnd) == ends)
        #expect(found.allSatisfy { $0.isComplete && $0.time == TestNode.start })
        for transaction in found {
            let changes = transaction.changes.map { ($0.key, $0.value) }
            #expect(Dictionary(uniqueKeysWithValues: changes) == expected[transaction.xid])
        }
    }

    @Test func `without the oldest segments the witness says what it cannot know`() throws {
        let fileSystem = try TestNode.fresh()
        var node = try TestNode(fileSystem)
        let value = String(repeating: "x", count: 900)
        for number in 0..<1500 { try node.set("key\(number % 40)", value + "\(number)") }
        try node.checkpoint()
        try node.set("last", "row")
        let all = try WALOnDisk(fileSystem).transactions()
        try node.perform(.removeWAL(before: node.database.insertLSN))
        let rest = try WALOnDisk(fileSystem)
        #expect(rest.records.first.map { $0.start > LSN(0x200000) } ?? false)
        let found = rest.transactions()
        #expect(found.last == all.last)
        #expect(found.first?.isComplete == false)
        #expect(found.filter(\.isComplete).allSatisfy { all.contains($0) })
    }

    @Test func `the witness follows the timeline the node is on`() throws {
        let source = try TestNode.fresh()
        let copy = try TestNode.clone(of: source)
        var primary = try TestNode(source)
        var standby = try TestNode(copy)
        try primary.set("a", "1")
        try standby.follow(primary)
        let fork = try standby.promote()
        try standby.set("b", "2")
        let witness = try WALOnDisk(copy)
        #expect(witness.timeline == Timeline(2))
        #expect(witness.end == standby.database.insertLSN)
        #expect(witness.logEnd == .clean)
        #expect(witness.transactions().map(\.timeline) == [Timeline(1), Timeline(2)])
        #expect(
            witness.transactions().flatMap(\.changes)
                == [.init(key: "a", value: "1"), .init(key: "b", value: "2")])
        let older = try WALOnDisk(copy, timeline: .first)
        #expect(older.records.allSatisfy { $0.end <= fork })
    }

    @Test func `the witness and the database agree on every row`() throws {
        let fileSystem = try TestNode.fresh()
        var node = try TestNode(fileSystem)
        for number in 1...120 { try node.set("key\(number % 17)", "value \(number)") }
        var rows: [String: String] = [:]
        for change in try WALOnDisk(fileSystem).transactions().flatMap(\.changes) {
            rows[change.key] = change.value
        }
        #expect(rows == node.rows)
    }
}
