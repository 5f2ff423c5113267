import LabClock
import Storage
import WALFormat

/// The snapshots that a node's sessions read from. PostgreSQL: the `xmin` of each process in the
/// ProcArray.
///
/// - A session has one at most.
struct OpenSnapshots {
    /// One that is read from.
    struct Reader {
        let snapshot: Snapshot
        let since: LabInstant
    }

    private var bySession: [Int: Reader] = [:]

    /// A session's.
    subscript(session: Int) -> Reader? { bySession[session] }

    /// The oldest transaction whose deletions somebody may not see; nil: nobody reads.
    var xmin: TransactionID? { bySession.values.map(\.snapshot.xmin).min() }

    /// Since when the oldest of them is read from.
    var oldest: LabInstant? { bySession.values.map(\.since).min() }

    /// How many there are.
    var count: Int { bySession.count }

    /// The sessions that read from one in which rows are still seen that transactions up to this
    /// one have deleted. PostgreSQL: `GetConflictingVirtualXIDs`.
    func sessions(reading removed: TransactionID) -> [Int] {
        bySession.filter { $0.value.snapshot.xmin <= removed }.keys.sorted()
    }

    mutating func open(_ reader: Reader, by session: Int) { bySession[session] = reader }
    mutating func close(by session: Int) { bySession[session] = nil }
}
