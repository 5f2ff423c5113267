import Testing
import WALFormat

@testable import Storage

struct RecoveryTests {
    @Test func `a crash after commits loses none of them`() throws {
        let fileSystem = try TestNode.fresh()
        let before: Database
        do {
            var node = try TestNode(fileSystem)
            for number in 1...300 { try node.set("key\(number % 70)", "value \(number)") }
            before = node.database
        }
        let again = try TestNode(fileSystem)
        #expect(again.database.rows().elementsEqual(before.rows(), by: ==))
        #expect(again.report.end == before.insertLSN)
        #expect(again.report.lastRecordStart == before.lastRecordStart)
        #expect(again.report.logEnd == .clean)
        #expect(!again.report.wasCleanlyStopped)
        #expect(again.report.lastCommitTime == TestNode.start)
        #expect(again.database.commitCount == 300)
        #expect(again.database.nextXID == before.nextXID)
        #expect(again.database.pages == before.pages)
        #expect(again.database.index == again.database.rebuiltIndex())
    }

    @Test func `replay begins at the last checkpoint`() throws {
        let fileSystem = try TestNode.fresh()
        do {
            var node = try TestNode(fileSystem)
            for number in 1...50 { try node.set("key\(number)", "value") }
            try node.checkpoint()
            try node.set("last", "one")
        }
        let again = try TestNode(fileSystem)
        // The open transactions, the checkpoint itself, the row, its commit.
        #expect(again.report.recordsReplayed == 4)
        #expect(again.database.keyCount == 51)
    }

    @Test func `after a clean stop there is nothing to replay and nothing is written`() throws {
        let fileSystem = try TestNode.fresh()
        let end: LSN
        do {
            var node = try TestNode(fileSystem)
            #expect(node.report.recordsReplayed == 0)
            try node.set("a", "1")
            try node.stop()
            end = node.database.insertLSN
            #expect(node.directory.control.state == .shutDown)
        }
        let again = try TestNode(fileSystem)
        #expect(again.report.wasCleanlyStopped)
        #expect(again.report.recordsReplayed == 0)
        #expect(again.database.insertLSN == end)
        #expect(again.rows == ["a": "1"])
        #expect(again.directory.control.state == .inProduction)
    }

    @Test func `a transaction that a crash ended leaves no trace and no conflict`() throws {
        let fileSystem = try TestNode.fresh()
        do {
            var node = try TestNode(fileSystem)
            try node.set("a", "old")
            let xid = node.database.begin()
            try node.database.put("a", "lost", xid: xid)
            try node.database.put("b", "lost", xid: xid)
            try node.flush()
        }
        var again = try TestNode(fileSystem)
        #expect(again.rows == ["a": "old"])
        try again.set("a", "new")
        #expect(again.rows == ["a": "new"])
        #expect(again.database.index == again.database.rebuiltIndex())
    }

    @Test func `recovering twice gives the same as recovering once`() throws {
        let fileSystem = try TestNode.fresh()
        do {
            var node = try TestNode(fileSystem)
            for number in 1...40 { try node.set("key\(number % 7)", "value \(number)") }
        }
        // The pages of the first recovery are newer than the records the second one replays.
        let copy = fileSystem.copy()
        let first = try TestNode(copy)
        let pages = copy.snapshot["base/5/16384"]
        fileSystem.damage("base/5/16384") { $0 = pages ?? [] }
        let second = try TestNode(fileSystem)
        #expect(first.database.pages == second.database.pages)
        #expect(second.database.index == second.database.rebuiltIndex())
    }

    @Test func `a log that fills several segments is recovered whole`() throws {
        let fileSystem = try TestNode.fresh()
        let before: Database
        do {
            var node = try TestNode(fileSystem)
            let value = String(repeating: "x", count: 7000)
            for number in 1...400 { try node.set("key\(number)", value) }
            before = node.database
        }
        #expect(fileSystem.snapshot.keys.filter { $0.hasPrefix("pg_wal/0") }.count >= 3)
        let again = try TestNode(fileSystem)
        #expect(again.database.pages == before.pages)
        #expect(again.database.keyCount == 400)
    }

    @Test func `a segment switch leaves zeros that recovery passes over`() throws {
        let fileSystem = try TestNode.fresh()
        do {
            var node = try TestNode(fileSystem)
            try node.set("a", "1")
            _ = try node.database.switchSegment()
            try node.set("b", "2")
        }
        #expect(try TestNode(fileSystem).rows == ["a": "1", "b": "2"])
    }

    @Test func `the bytes on disk depend on the parameters alone`() throws {
        func run() throws -> [String: [UInt8]] {
            let fileSystem = try TestNode.fresh()
            var node = try TestNode(fileSystem)
            for number in 1...20 { try node.set("key\(number)", "value") }
            try node.stop()
            return fileSystem.snapshot
        }
        #expect(try run() == run())
    }
}
