import LabClock
import Testing
import WALFormat

@testable import TableFormat

@Suite struct CommitLogTests {
    @Test func `every transaction keeps its own end`() {
        var log = CommitLog()
        var random = SeededDraws(seed: 61)
        var model: [UInt32: TransactionStatus] = [:]
        for _ in 0..<3000 {
            let xid = UInt32.random(in: 3...70000, using: &random)
            let status = TransactionStatus(rawValue: UInt8.random(in: 0...2, using: &random))
            model[xid] = status
            log.set(status ?? .inProgress, of: TransactionID(xid))
        }
        for xid in UInt32(3)...70100 {
            let expected = model[xid] ?? .inProgress
            if log.status(of: TransactionID(xid)) != expected {
                Issue.record("transaction \(xid) should be \(expected)")
            }
        }
        #expect(log.pageNumbers == [0, 1, 2])
    }

    @Test func `the bytes are pg_xact's`() throws {
        var log = CommitLog()
        log.set(.committed, of: TransactionID(4))
        log.set(.aborted, of: TransactionID(5))
        log.set(.committed, of: TransactionID(7))
        log.set(.committed, of: TransactionID(32768 + 3))
        #expect(log.bytes(ofPage: 0)[1] == 0b01_00_10_01)
        #expect(log.bytes(ofPage: 1)[0] == 0b01_00_00_00)
        #expect(log.bytes(ofPage: 2).count == 8192)
        var loaded = CommitLog()
        for page in log.pageNumbers {
            try loaded.load(page: page, bytes: log.bytes(ofPage: page))
        }
        #expect(loaded == log)
        #expect(throws: PageError.wrongByteCount(1)) { try loaded.load(page: 0, bytes: [0]) }
    }

    @Test func `the reserved transactions are settled, the last possible one costs one page`() {
        var log = CommitLog()
        for xid: UInt32 in 0...2 { log.set(.aborted, of: TransactionID(xid)) }
        #expect(log.status(of: .invalid) == .aborted)
        #expect(log.status(of: TransactionID(1)) == .committed)
        #expect(log.status(of: TransactionID(2)) == .committed)
        #expect(log.pageNumbers.isEmpty)
        log.set(.committed, of: TransactionID(.max))
        #expect(log.status(of: TransactionID(.max)) == .committed)
        #expect(log.pageNumbers == [131071])
    }

    @Test func `pages are thirty-two to a file`() {
        #expect(CommitLog.file(ofPage: 0) == ("0000", 0))
        #expect(CommitLog.file(ofPage: 33) == ("0001", 8192))
        #expect(CommitLog.file(ofPage: 131071) == ("0FFF", 31 * 8192))
        #expect(CommitLog.page(of: TransactionID(32768)) == 1)
    }
}
