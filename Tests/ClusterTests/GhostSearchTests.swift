import LabClock
import Testing
import WALFormat

@testable import Cluster
@testable import Storage

/// Writes that are there although no client was told OK.
struct GhostSearchTests {
    private func transaction(
        _ end: UInt64, _ changes: [String: String?], isComplete: Bool = true
    ) -> WALOnDisk.Transaction {
        WALOnDisk.Transaction(
            xid: TransactionID(UInt32(end)), commitStart: LSN(end - 1), commitEnd: LSN(end),
            time: PostgresTime(microseconds: 0), timeline: .first,
            changes: changes.sorted { $0.key < $1.key }
                .map { WALOnDisk.Change(key: $0.key, value: $0.value) },
            isComplete: isComplete)
    }

    private func writes(_ groups: [[(String, String?)]]) -> [ClientLedger.Entry] {
        var ledger = ClientLedger()
        for group in groups {
            let ids = group.map { ledger.asked(node: "p", key: $0.0, value: $0.1, at: .start) }
            ledger.learned(ids, together: .unknown)
        }
        return Array(ledger.entries)
    }

    private func found(
        _ groups: [[(String, String?)]], in transactions: [WALOnDisk.Transaction],
        told: Set<LogPosition> = []
    ) -> [UInt64?] {
        var search = GhostSearch(CommitIndex(transactions), told: told)
        return search.commits(of: writes(groups)).map { $0.commit?.lsn.rawValue }
    }

    @Test func `the writes of one transaction are there together, or none is`() {
        let both = transaction(10, ["a": "1", "b": "2"])
        #expect(found([[("a", "1"), ("b", "2")]], in: [both]) == [10, 10])
        #expect(found([[("a", "1"), ("b", "3")]], in: [both]) == [nil, nil])
        let halves = [transaction(10, ["a": "1"]), transaction(20, ["b": "2"])]
        #expect(found([[("a", "1"), ("b", "2")]], in: halves) == [nil, nil])
    }

    @Test func `a commit answers for one transaction, and the one alike comes first`() {
        let log = [transaction(10, ["a": "1", "b": "2"]), transaction(20, ["a": "1"])]
        #expect(found([[("a", "1")], [("a", "1"), ("b", "2")]], in: log) == [20, 10, 10])
        #expect(found([[("a", "1")], [("a", "1")], [("a", "1")]], in: log) == [20, 10, nil])
    }

    @Test func `what somebody was told OK of is no ghost`() {
        let log = [transaction(10, ["a": "1"])]
        #expect(found([[("a", "1")]], in: log, told: [LogPosition(.first, LSN(10))]) == [nil])
    }

    @Test func `a log that may lack records is believed by what it has`() {
        let rest = transaction(10, ["b": "2"], isComplete: false)
        #expect(found([[("a", "1"), ("b", "2")]], in: [rest]) == [10, 10])
        #expect(found([[("a", "1"), ("b", "3")]], in: [rest]) == [nil, nil])
    }

    @Test func `a deletion is found as one`() {
        let log = [transaction(10, ["a": nil])]
        #expect(found([[("a", nil)]], in: log) == [10])
        #expect(found([[("a", "")]], in: log) == [nil])
    }
}
