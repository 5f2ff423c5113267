package import WALFormat
package import WireProtocol

/// The node as its SQL server sees it: values, and the few acts that a statement can cause.
///
/// It is not the node's process: no socket, disk or machine can be reached from here. PostgreSQL
/// has no such border; there, a backend reads shared memory.
///
/// - What a call answers holds for this moment; the next statement asks again.
package protocol SQLHost: AnyObject {
    // MARK: What it is

    var now: PostgresTime { get }
    var standing: NodeStanding { get }
    var configuration: NodeConfiguration { get }

    // MARK: Its views

    /// The replication connections, oldest first.
    var walSenderStatistics: [WALSenderStatistics] { get }
    /// Nil while it receives nothing.
    var walReceiverStatistics: WALReceiverStatistics? { get }
    /// By name.
    var slotStatistics: [SlotStatistics] { get }

    // MARK: Its table, as readers see it

    /// Keys that have a committed value.
    var keyCount: Int { get }
    func value(of key: String, as reader: SQLReader) -> String?
    /// In bytewise order of the keys.
    func rows(as reader: SQLReader) -> [(key: String, value: String)]
    /// The session of this process number goes on seeing the table as it is now, until it lets go
    /// of it. It has one snapshot at a time.
    func openSnapshot(for processID: Int)
    func closeSnapshot(of processID: Int)
    /// Whether somebody whom the reader's snapshot does not see has changed a row.
    func isChanged(_ key: String, behind reader: SQLReader) -> Bool

    // MARK: Its table, as writers see it

    /// Whether some commit is in the log and not durable: nobody may see it yet.
    var hasUnflushedCommits: Bool { get }
    /// Whether such a commit changed this row.
    func isChangedByUnflushedCommit(_ key: String) -> Bool
    /// Whether there is a row for a transaction to change; nil: one that is about to begin.
    func hasRow(_ key: String, toChangeBy xid: TransactionID?) -> Bool
    /// The keys of all such rows, in bytewise order.
    func keys(toChangeBy xid: TransactionID?) -> [String]

    // MARK: Transactions

    /// Refuses a change that the node cannot make now.
    func checkMayWrite(_ verb: String) throws(ServerError)
    func begin() -> TransactionID
    func apply(_ change: TableChange, xid: TransactionID) throws(ServerError)
    /// Gives the end of the COMMIT record.
    func commit(_ xid: TransactionID) throws(ServerError) -> LSN
    func abort(_ xid: TransactionID)

    // MARK: The node itself

    /// Changes a setting of the running node, for all sessions at once.
    func alter(_ change: ServerChange) throws(ServerError)

    // MARK: Log and slots

    /// Ends the segment being written; gives the end of the record that says so, or where the log
    /// stands if the segment holds nothing yet. PostgreSQL: `RequestXLogSwitch`.
    func switchWAL() throws(ServerError) -> LSN
    /// Gives the first byte kept, if it was reserved. The client of this process number hears of
    /// nothing further until the slot is durable.
    func createSlot(
        _ name: String, isTemporary: Bool, reservesWAL: Bool, for processID: Int
    ) throws(ServerError) -> LSN?
    func dropSlot(_ name: String, for processID: Int) throws(ServerError)
}

/// A change of one row of `kv`.
package enum TableChange: Hashable, Sendable {
    case put(key: String, value: String)
    case delete(key: String)

    /// Whose row it is.
    package var key: String {
        switch self {
        case .put(let key, _), .delete(let key): key
        }
    }
}
