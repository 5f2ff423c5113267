import Storage
import WALFormat

/// What logs say was committed, for looking up.
struct CommitIndex {
    /// In the order of their COMMITs.
    private let transactions: [WALOnDisk.Transaction]
    /// COMMITs of which the log may lack changes.
    private let incomplete: Set<LogPosition>
    /// Up to here an unknown commit may have changed any key.
    let unsureUpTo: LSN

    /// What one log says.
    /// - Parameter durable: the end of what is durable, on a node that is up: a power loss takes
    ///   the rest, so that does not count.
    init(_ log: CommittedLog, durable: LSN?) {
        let transactions = log.transactions
        self.init(
            durable.map { end in transactions.filter { $0.commitEnd <= end } } ?? transactions)
    }

    /// What a log says, and what others say of the time before it begins: a replica that was seeded
    /// from a base backup has the rows of older commits, and not their records. Of the others'
    /// records only those count that lie on this log's own lineage.
    func completed(by others: [CommitIndex], on log: CommittedLog) -> CommitIndex {
        var all: [LogPosition: WALOnDisk.Transaction] = [:]
        for transaction in transactions { all[transaction.place] = transaction }
        for transaction in others.lazy.flatMap(\.transactions) {
            let place = transaction.place
            let isWanted = all[place].map { !$0.isComplete } ?? (place.lsn <= log.begin)
            guard isWanted, log.isOnLineage(place.timeline, upTo: place.lsn) else { continue }
            if all[place] == nil || transaction.isComplete { all[place] = transaction }
        }
        return CommitIndex(all.values.sorted { $0.commitEnd < $1.commitEnd })
    }

    /// What somebody has gathered.
    init(_ transactions: [WALOnDisk.Transaction]) {
        // What was kept of a log that is another's now may be there twice, and in between.
        let isInOrder = zip(transactions, transactions.dropFirst()).allSatisfy {
            $0.commitEnd <= $1.commitEnd
        }
        self.transactions =
            isInOrder ? transactions : transactions.sorted { $0.commitEnd < $1.commitEnd }
        incomplete = Set(transactions.lazy.filter { !$0.isComplete }.map(\.place))
        unsureUpTo = incomplete.map(\.lsn).max() ?? .invalid
    }

    /// The transaction whose COMMIT ends at a place.
    subscript(place: LogPosition) -> WALOnDisk.Transaction? {
        var (low, high) = (0, transactions.count)
        while low < high {
            let middle = (low + high) / 2
            if transactions[middle].commitEnd < place.lsn {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return transactions[low...].prefix { $0.commitEnd == place.lsn }
            .first { $0.timeline == place.timeline }
    }

    /// Whether the log may lack changes of the COMMIT that ends at a place.
    func isIncomplete(_ place: LogPosition) -> Bool { incomplete.contains(place) }

    /// The last commit that changed each key.
    var lastChanges: [String: LogPosition] {
        transactions.reduce(into: [:]) { last, transaction in
            for change in transaction.changes { last[change.key] = transaction.place }
        }
    }

    /// The transactions but for those whose COMMITs end at these places.
    func unexplained(by known: Set<LogPosition>) -> [WALOnDisk.Transaction] {
        transactions.filter { !known.contains($0.place) }
    }
}

extension WALOnDisk.Transaction {
    var place: LogPosition { LogPosition(timeline, commitEnd) }
}
