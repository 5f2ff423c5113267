import LabClock
import Testing
import WALFormat

@testable import Cluster

struct LedgerFileTests {
    private let entries: [ClientLedger.Entry] = {
        var ledger = ClientLedger()
        let told = ledger.asked(node: "p", key: "a\tb\n:é", value: "", at: .start)
        let lost = ledger.asked(node: "r1", key: "b", value: nil, at: .start)
        let failed = ledger.asked(node: "p", key: "", value: "c", at: .start)
        let same = ledger.asked(node: "p", key: "d", value: nil, at: .start)
        ledger.learned(
            told, .acknowledged(.init(lsn: LSN(0x10_0138), timeline: Timeline(2), at: .start)))
        ledger.learned(lost, .unknown)
        ledger.learned(failed, .failed("no room"))
        ledger.learned(same, .unchanged)
        return ledger.entries
    }()

    @Test func `every fate and every text comes back`() {
        #expect(LedgerFile.read(LedgerFile.lines(entries)) == entries)
        #expect(LedgerFile.read([]) == [])
    }

    @Test func `the last line about a write counts`() {
        var earlier = entries[0]
        earlier.fate = .unknown
        let bytes = LedgerFile.lines([earlier]) + LedgerFile.lines(entries)
        #expect(LedgerFile.read(bytes) == entries)
    }

    @Test func `a file cut anywhere gives the whole lines before the cut`() {
        let bytes = LedgerFile.lines(entries)
        for cut in bytes.indices {
            let whole = bytes[..<cut].count { $0 == 10 }
            #expect(LedgerFile.read(Array(bytes[..<cut])) == Array(entries.prefix(whole)))
        }
    }

    @Test func `a damaged byte is never read as another write of the same shape`() {
        #expect(LedgerFile.read(Array("0\tp\t:6\t-\t0\tunknown\n".utf8)) == nil)
        #expect(LedgerFile.read(Array("1\tp\t:61\t-\t0\tunknown\n".utf8)) == nil)
        #expect(LedgerFile.read(Array("0\tp\t:61\t-\t0\tsomething\n".utf8)) == nil)
        #expect(LedgerFile.read(Array("0\tp\t61\t-\t0\tunknown\n".utf8)) == nil)
    }
}
