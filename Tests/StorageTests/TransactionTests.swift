import LabClock
import TableFormat
import Testing
import WALFormat

@testable import Storage

/// Transactions over several statements.
struct TransactionTests {
    @Test func `a transaction sees the whole table with its own changes`() throws {
        var node = try TestNode(try TestNode.fresh())
        for key in ["a", "b", "c"] { try node.set(key, "old") }
        let one = node.database.begin()
        let two = node.database.begin()
        try node.database.put("a", "new", xid: one)
        #expect(try node.database.delete("b", xid: one))
        try node.database.put("d", "added", xid: one)
        try node.database.put("e", "other's", xid: two)
        func text(_ xid: TransactionID?) -> [String] {
            node.database.rows(as: xid).map { "\($0.key)=\($0.value)" }
        }
        #expect(text(one) == ["a=new", "c=old", "d=added"])
        #expect(text(two) == ["a=old", "b=old", "c=old", "e=other's"])
        #expect(text(nil) == ["a=old", "b=old", "c=old"])
        #expect(text(TransactionID(999)) == text(nil))
    }

    /// Written, flushed, even checkpointed: without its COMMIT it never was, on no node.
    @Test(arguments: [false, true])
    func `a crash in a transaction leaves it invisible for good`(checkpointed: Bool) throws {
        let fileSystem = try TestNode.fresh()
        let copy = try TestNode.clone(of: fileSystem)
        var standby = try TestNode(copy)
        do {
            var node = try TestNode(fileSystem)
            try node.set("a", "1")
            let xid = node.database.begin()
            try node.database.put("a", "2", xid: xid)
            try node.database.put("b", "2", xid: xid)
            if checkpointed { try node.checkpoint() }
            try node.set("c", "3")
            try standby.follow(node)
        }
        #expect(standby.rows == ["a": "1", "c": "3"])
        var disk = fileSystem
        for round in 0..<3 {
            disk = disk.crash(.nothing, seed: UInt64(round))
            var node = try TestNode(disk)
            #expect(node.rows["a"] == (round == 0 ? "1" : "again \(round - 1)"))
            #expect(node.rows["b"] == nil)
            try node.set("a", "again \(round)")
            try node.checkpoint()
        }
        try standby.promote()
        #expect(standby.rows == ["a": "1", "c": "3"])
        try standby.set("b", "own")
        #expect(standby.rows["b"] == "own")
    }

    @Test func `a hundred thousand keys are loaded, found, recovered and scanned`() throws {
        let fileSystem = try TestNode.fresh()
        do {
            var node = try TestNode(fileSystem)
            for batch in 0..<100 {
                let xid = node.database.begin()
                for number in 0..<1000 {
                    try node.database.put("key:\(batch * 1000 + number)", "\(number)", xid: xid)
                }
                _ = try node.database.commit(xid, at: TestNode.start)
                try node.flush()
            }
            #expect(node.database.keyCount == 100_000)
            #expect(node.database.get("key:99999") == "999")
            try node.checkpoint()
        }
        let again = try TestNode(fileSystem)
        #expect(again.database.keyCount == 100_000)
        #expect(again.database.rows().count == 100_000)
    }

    @Test func `any text without a zero byte is a key and a value`() throws {
        let fileSystem = try TestNode.fresh()
        var texts = ["\u{1}", "\u{7F}", "\u{10FFFF}", "\u{FEFF}", "\r\n", "a\u{301}", "👩‍👩‍👧", "'"]
        var random = SeededDraws(seed: 3)
        for _ in 0..<200 {
            let scalars = (0..<Int.random(in: 1..<40, using: &random)).compactMap { _ in
                UnicodeScalar(UInt32.random(in: 1..<0x11_0000, using: &random))
            }
            texts.append(String(String.UnicodeScalarView(scalars)))
        }
        do {
            var node = try TestNode(fileSystem)
            for text in texts { try node.set(text, text + text) }
        }
        let again = try TestNode(fileSystem)
        for text in texts {
            let value = again.database.get(text)
            #expect(value.map { Array($0.utf8) } == Array((text + text).utf8))
        }
    }
}
