import Testing
import WALFormat

@testable import Storage

/// What an online checkpoint tells hot standbys: which transactions are open.
struct RunningTransactionsTests {
    @Test func `an online checkpoint's redo point says which transactions are open`() throws {
        var node = try TestNode(try TestNode.fresh())
        try node.set("a", "1")
        let open = [node.database.begin(), node.database.begin(), node.database.begin()]
        _ = try node.database.abort(open[1], at: TestNode.start)
        try node.checkpoint()
        let log = try WALOnDisk(node.fileSystem)
        let running = try #require(log.records.last { $0.record.runningTransactions != nil })
        #expect(running.start == node.database.redo)
        #expect(running.record.runningTransactions?.open == [open[0], open[2]])
        #expect(running.record.runningTransactions?.next == node.database.nextXID)
        // The newest that has ended is older than the newest that is open.
        #expect(running.record.mainData[20..<24].first == UInt8(open[1].rawValue))
    }

    @Test func `a shutdown checkpoint needs none, since nothing is open`() throws {
        var node = try TestNode(try TestNode.fresh())
        try node.set("a", "1")
        let plan = node.database.shutdown(at: TestNode.start)
        try node.flush()
        try node.perform(.checkpoint(plan))
        let log = try WALOnDisk(node.fileSystem)
        #expect(log.records.allSatisfy { $0.record.runningTransactions == nil })
        #expect(plan.control.redo == plan.control.checkpoint)
    }

    @Test func `bytes that promise more transactions than there are say nothing`() {
        let record = WALRecord(RunningTransactions([TransactionID(5)], next: TransactionID(9)))
        for count in 0..<record.mainData.count {
            var cut = record
            cut.mainData = Array(record.mainData.prefix(count))
            #expect(cut.runningTransactions == nil)
        }
        var bloated = record
        bloated.mainData.replaceSubrange(0..<4, with: [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(bloated.runningTransactions == nil)
    }
}
