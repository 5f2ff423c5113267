import Storage
import WALFormat

/// What a disk says of commits that are lost.
///
/// A commit is *in its table* when the disk's log goes through it and a `get` there finds, after
/// recovery, what it did; *in its log* when a later commit there has changed the key again and the
/// COMMIT is in what is left of the log. A value of which neither is true is not on the disk any
/// more, whatever was there once.
struct DiskWitness {
    /// Where a disk holds a commit.
    enum Place: Hashable {
        case table
        case log
    }

    let index: CommitIndex
    private let log: CommittedLog
    /// Nothing behind it counts.
    private let end: LSN

    /// - Parameter durable: the end of what is durable, on a node that is up.
    init(_ log: CommittedLog, durable: LSN?) {
        self.log = log
        end = min(durable ?? log.end, log.end)
        index = CommitIndex(log, durable: durable)
    }

    /// Whether the disk's log goes through a commit.
    func goesThrough(_ commit: LogPosition) -> Bool {
        commit.lsn <= end && log.isOnLineage(commit.timeline, upTo: commit.lsn)
    }

    /// Where the disk holds a write, if it does.
    /// - Parameter table: what recovery makes of the disk; nil: it cannot be read.
    func place(of entry: ClientLedger.Entry, _ commit: LogPosition, table: Database?) -> Place? {
        guard goesThrough(commit) else { return nil }
        if let table, table.get(entry.key) == entry.value { return .table }
        let isThere = commit.lsn > log.begin && index[commit] != nil
        return isThere ? .log : nil
    }
}
