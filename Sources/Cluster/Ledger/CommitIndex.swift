import Storage
import WALFormat

/// What one node's disk says was committed.
struct DurableCommits {
    let log: WALOnDisk
    /// In the order of their COMMITs.
    let transactions: [WALOnDisk.Transaction]

    /// - Parameters:
    ///   - transactions: what the log says, and what it said in segments that are gone.
    ///   - durable: the end of what is durable, on a node that is up: a power loss takes the rest,
    ///     so that does not count.
    init(_ log: WALOnDisk, _ transactions: [WALOnDisk.Transaction], durable: LSN?) {
        self.log = log
        self.transactions =
            durable.map { end in transactions.filter { $0.commitEnd <= end } } ?? transactions
    }
}

/// What logs say was committed, for looking up.
struct CommitIndex {
    /// What each COMMIT changed, as far as the log has it.
    private(set) var changes: [CommitPlace: [String: String?]] = [:]
    /// The last commit that changed a key.
    private(set) var lastChange: [String: CommitPlace] = [:]
    /// COMMITs of which the log may lack changes.
    private(set) var incomplete: Set<CommitPlace> = []

    /// What one log says.
    init(_ commits: DurableCommits) {
        self.init(commits.transactions)
    }

    /// What a log says, and what others say of the time before it begins: a replica that was seeded
    /// from a base backup has the rows of older commits, and not their records. Of the others'
    /// records only those count that lie on this log's own lineage.
    init(_ commits: DurableCommits, completedBy others: [DurableCommits]) {
        let log = commits.log
        let begin = log.records.first?.start ?? log.end
        var all: [CommitPlace: WALOnDisk.Transaction] = [:]
        for transaction in commits.transactions { all[transaction.place] = transaction }
        for transaction in others.flatMap(\.transactions) {
            let place = transaction.place
            let isWanted = all[place].map { !$0.isComplete } ?? (place.end <= begin)
            guard isWanted, log.isOnLineage(place.timeline, upTo: place.end) else { continue }
            if all[place] == nil || transaction.isComplete { all[place] = transaction }
        }
        self.init(all.values.sorted { $0.commitEnd < $1.commitEnd })
    }

    private init(_ transactions: [WALOnDisk.Transaction]) {
        for transaction in transactions {
            let place = transaction.place
            if !transaction.isComplete { incomplete.insert(place) }
            for change in transaction.changes {
                changes[place, default: [:]][change.key] = .some(change.value)
                lastChange[change.key] = place
            }
        }
    }

    /// Up to here an unknown commit may have changed any key.
    var unsureUpTo: LSN { incomplete.map(\.end).max() ?? .invalid }
}

extension WALOnDisk.Transaction {
    fileprivate var place: CommitPlace { CommitPlace(timeline: timeline, end: commitEnd) }
}
