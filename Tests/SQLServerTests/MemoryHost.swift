import WALFormat
import WireProtocol

@testable import SQLServer

/// A node in memory: a table, and a log of which only the length is kept. Each commit is 100 bytes
/// of it, and is durable when the test says so.
final class MemoryHost: SQLHost {
    private struct Commit {
        let end: LSN
        let before: [String: String?]
    }

    var now = PostgresTime(microseconds: 0)
    var isInRecovery = false
    var fullPageWrites = true
    private(set) var insertLSN = LSN(1000)
    private(set) var flushLSN = LSN(1000)
    private var nextXID = TransactionID(700)
    private var committed: [String: String] = [:]
    private var open: [TransactionID: [String: String?]] = [:]
    private var unflushed: [Commit] = []
    /// What each session sees that has a snapshot.
    private(set) var snapshots: [Int: [String: String]] = [:]

    /// Makes the log durable as far as it goes.
    func flush() { flush(upTo: insertLSN) }

    /// Makes it durable up to `position`.
    func flush(upTo position: LSN) {
        flushLSN = position
        unflushed.removeAll { $0.end <= position }
    }

    private(set) var changes: [ServerChange] = []
    func alter(_ change: ServerChange) { changes.append(change) }

    // MARK: What it is

    var standing: NodeStanding {
        NodeStanding(
            name: "m", isInRecovery: isInRecovery, timeline: .first, insertLSN: insertLSN,
            flushLSN: flushLSN)
    }

    var configuration: NodeConfiguration {
        NodeConfiguration(
            segmentSize: .oneMebibyte, fullPageWrites: fullPageWrites,
            imageCompression: nil, isInRecovery: isInRecovery, primarySlotName: nil,
            maximumSessionCount: 7, durations: { _ in .seconds(90) },
            sizes: { $0 == .walKeepSize ? 2048 : 5 })
    }

    var walSenderStatistics: [WALSenderStatistics] { [] }
    var walReceiverStatistics: WALReceiverStatistics? { nil }
    var slotStatistics: [SlotStatistics] { [] }

    // MARK: The table

    var keyCount: Int { rows(as: SQLReader()).count }
    var hasUnflushedCommits: Bool { !unflushed.isEmpty }

    private func latest(_ xid: TransactionID?) -> [String: String] {
        var rows = committed
        for (key, value) in xid.flatMap({ open[$0] }) ?? [:] { rows[key] = value }
        return rows
    }

    func value(of key: String, as reader: SQLReader) -> String? {
        rows(as: reader).first { $0.key == key }?.value
    }

    func rows(as reader: SQLReader) -> [(key: String, value: String)] {
        var rows = reader.session.flatMap { snapshots[$0] } ?? durable
        for (key, value) in reader.xid.flatMap({ open[$0] }) ?? [:] { rows[key] = value }
        return rows.sorted { $0.key < $1.key }
    }

    /// What everybody sees.
    private var durable: [String: String] {
        var rows = committed
        for commit in unflushed.reversed() {
            for (key, value) in commit.before { rows[key] = value }
        }
        return rows
    }

    func openSnapshot(for processID: Int) { snapshots[processID] = durable }
    func closeSnapshot(of processID: Int) { snapshots[processID] = nil }

    func isChanged(_ key: String, behind reader: SQLReader) -> Bool {
        guard let seen = reader.session.flatMap({ snapshots[$0] }) else { return false }
        return reader.xid.flatMap { open[$0]?.keys.contains(key) } != true
            && seen[key] != committed[key]
    }

    func isChangedByUnflushedCommit(_ key: String) -> Bool {
        unflushed.contains { $0.before[key] != nil }
    }

    func hasRow(_ key: String, toChangeBy xid: TransactionID?) -> Bool {
        latest(xid)[key] != nil
    }

    func keys(toChangeBy xid: TransactionID?) -> [String] { latest(xid).keys.sorted() }

    // MARK: Transactions

    func checkMayWrite(_ verb: String) throws(ServerError) {}

    func begin() -> TransactionID {
        defer { nextXID = nextXID.next }
        open[nextXID] = [:]
        return nextXID
    }

    func apply(_ change: TableChange, xid: TransactionID) throws(ServerError) {
        switch change {
        case .put(let key, let value): open[xid]?.updateValue(value, forKey: key)
        case .delete(let key): open[xid]?.updateValue(nil, forKey: key)
        }
    }

    func commit(_ xid: TransactionID) throws(ServerError) -> LSN {
        let changes = open.removeValue(forKey: xid) ?? [:]
        insertLSN = insertLSN.advanced(by: 100)
        var before: [String: String?] = [:]
        for (key, value) in changes {
            before.updateValue(committed[key], forKey: key)
            committed[key] = value
        }
        unflushed.append(Commit(end: insertLSN, before: before))
        return insertLSN
    }

    func abort(_ xid: TransactionID) { open[xid] = nil }

    // MARK: Log and slots

    func switchWAL() throws(ServerError) -> LSN { insertLSN }

    func createSlot(
        _ name: String, isTemporary: Bool, reservesWAL: Bool, for processID: Int
    ) throws(ServerError) -> LSN? { nil }

    func dropSlot(_ name: String, for processID: Int) throws(ServerError) {}
}
