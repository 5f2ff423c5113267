import DatabaseNode
import LabClock
import Storage
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
        ledger.salvaged(told, by: same)
        return Array(ledger.entries)
    }()

    private func lines(_ entries: [ClientLedger.Entry]) -> [UInt8] {
        var file = LedgerFile()
        return file.lines(entries)
    }

    private func read(
        _ bytes: [UInt8], atLeast known: LedgerFile.Extent = .init()
    ) throws(LedgerFile.Damage) -> [ClientLedger.Entry] {
        var file = LedgerFile()
        return try file.read(bytes, atLeast: known)
    }

    @Test func `every fate and every text comes back`() throws {
        #expect(try read(lines(entries)) == entries)
        #expect(try read([]) == [])
    }

    /// It would be judged before what it depends on, or without end.
    @Test func `a write is not done again by itself or by an earlier one`() throws {
        for later in [0, 1] {
            let entry = ClientLedger.Entry(
                id: 1, node: "p", client: nil, key: "k", value: nil, askedAt: .start,
                fate: .unknown, together: nil, salvagedBy: later)
            #expect(throws: LedgerFile.Damage.line(2)) {
                try read(lines([entries[0], entry]))
            }
        }
    }

    @Test func `who shares the fate of which transaction comes back`() throws {
        var ledger = ClientLedger()
        let ids = ["a", "b", "c"].map { ledger.asked(node: "p", key: $0, value: "1", at: .start) }
        ledger.learned([ids[2]], together: .failed("no"))
        ledger.learned(Array(ids[..<2]), together: .unknown)
        ledger.salvaged(1, by: 2)
        let told = Array(ledger.entries)
        #expect(told.map(\.together) == [0, 0, nil])
        #expect(try read(lines(told)) == told)
        // Nobody shares the fate of a write that came later.
        let late = ClientLedger.Entry(
            id: 0, node: "p", client: nil, key: "k", value: nil, askedAt: .start, fate: .unknown,
            together: 1, salvagedBy: nil)
        #expect(throws: LedgerFile.Damage.line(1)) { try read(lines([late])) }
    }

    @Test func `an outside program's name comes back`() throws {
        var ledger = ClientLedger()
        let change = WALOnDisk.Change(key: "k", value: "v")
        for client in ["psql", "a b\tc", ""] {
            ledger.told(
                OutsideCommit(
                    client: client, position: LogPosition(.first, LSN(80)), changes: [change]),
                by: "p", at: .start)
        }
        // Both things that a line need not have, on one line.
        ledger.salvaged(0, by: 2)
        let told = Array(ledger.entries)
        #expect(told.map(\.salvagedBy) == [2, nil, nil])
        #expect(told.map(\.client) == ["psql", "a b\tc", "unnamed"])
        #expect(try read(lines(told)) == told)
    }

    @Test func `the last line about a write counts`() throws {
        var earlier = entries[0]
        earlier.fate = .unknown
        #expect(try read(lines([earlier] + entries)) == entries)
    }

    @Test func `what is added after reading goes on where the file was whole`() throws {
        let whole = lines(Array(entries.prefix(2)))
        var file = LedgerFile()
        _ = try file.read(whole + Array("2\tp".utf8), atLeast: .init())
        let more = file.lines(Array(entries.dropFirst(2)))
        #expect(whole + more == lines(entries))
        #expect(file.extent.byteCount == whole.count + more.count)
    }

    @Test func `a file cut behind what is known of it gives the whole lines before the cut`() throws
    {
        var file = LedgerFile()
        let known = file.lines(Array(entries.prefix(2)))
        let bytes = lines(entries)
        for cut in bytes.indices {
            guard cut >= known.count else {
                #expect(throws: LedgerFile.Damage.end(file.extent)) {
                    try read(Array(bytes[..<cut]), atLeast: file.extent)
                }
                continue
            }
            let whole = bytes[..<cut].count { $0 == 10 }
            #expect(
                try read(Array(bytes[..<cut]), atLeast: file.extent)
                    == Array(entries.prefix(whole)))
        }
    }

    @Test func `lines in another order, missing or from another file are noticed`() throws {
        let bytes = lines(entries)
        let parts = bytes.split(separator: 10).map { Array($0) + [10] }
        #expect(throws: LedgerFile.Damage.line(1)) { try read(Array(parts.dropFirst().joined())) }
        #expect(throws: LedgerFile.Damage.line(2)) { try read(parts[0] + parts[2]) }
        #expect(throws: LedgerFile.Damage.line(2)) { try read(parts[0] + parts[0]) }
        var others = entries
        others[0].fate = .unknown
        var file = LedgerFile()
        _ = file.lines(others)
        #expect(throws: LedgerFile.Damage.end(file.extent)) {
            try read(bytes, atLeast: file.extent)
        }
    }
}
