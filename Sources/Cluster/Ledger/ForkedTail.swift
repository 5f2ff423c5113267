import Storage
import WALFormat

/// What one log says behind the point where another goes another way: the commits that only it has,
/// and which keys the other has changed since.
///
/// - It compares logs alone. What either table shows, and who was told of what, is for others.
struct ForkedTail {
    /// The end of what both logs have in common.
    let fork: LSN
    /// What is committed behind it, in the order of the COMMITs.
    let transactions: [WALOnDisk.Transaction]
    /// Where the log begins, if that is behind the fork and nobody has kept what was before.
    let beginsBehindFork: LSN?
    /// Keys that the other log changed behind the fork.
    private let changedByOther: Set<String>
    /// The other log has lost records of that time: it may have changed any key.
    private let otherIsUnsure: Bool

    /// - Parameter durable: the end of what is durable in the log, of a node that is up.
    init(of log: CommittedLog, besides other: CommittedLog, durable: LSN?) {
        let fork = log.extent.sharedEnd(with: other.extent)
        let since = other.transactions.filter { $0.commitEnd > fork }
        self.fork = fork
        transactions = log.transactions.filter {
            $0.commitEnd > fork && $0.commitEnd <= durable ?? LSN(.max)
        }
        beginsBehindFork = log.forgets(fork) ? log.begin : nil
        changedByOther = Set(since.lazy.flatMap(\.changes).map(\.key))
        otherIsUnsure = other.forgets(fork) || since.contains { !$0.isComplete }
    }

    /// The last change to each key, in the order of these changes.
    var lastChanges: [(change: WALOnDisk.Change, place: LogPosition)] {
        var seen: Set<String> = []
        let newestFirst = transactions.reversed().flatMap { transaction in
            transaction.changes.reversed().compactMap { change in
                seen.insert(change.key).inserted ? (change, transaction.place) : nil
            }
        }
        return newestFirst.reversed()
    }

    /// How a key of the tail stands with the other's node, which shows `held` now.
    func standing(of change: WALOnDisk.Change, held: String?) -> SalvageKey.Standing {
        if change.value == held { return .same }
        return otherIsUnsure || changedByOther.contains(change.key) ? .conflict : .missing
    }
}

extension CommittedLog {
    /// Whether records behind a position are gone, and what they said with them.
    fileprivate func forgets(_ position: LSN) -> Bool {
        begin > position && !transactions.contains { $0.commitEnd <= begin }
    }
}

// Which acknowledged writes a tail has.
extension ForkedTail {
    /// A write of the ledger's whose commit is in the tail.
    struct Told {
        let id: ClientLedger.ID
        let key: String
        /// The keys that must be there again before it is: its own, and those of its transaction
        /// that no entry of the ledger names (a deletion of many keys has one entry).
        let keys: Set<String>
    }

    /// All of them, by the place of their commit.
    func told(in ledger: ClientLedger) -> [LogPosition: [Told]] {
        let places = Set(transactions.map(\.place))
        var entries: [LogPosition: [ClientLedger.Entry]] = [:]
        for (entry, ok) in ledger.acknowledged where places.contains(ok.position) {
            entries[ok.position, default: []].append(entry)
        }
        return transactions.reduce(into: [:]) { told, transaction in
            guard let entries = entries[transaction.place] else { return }
            let named = Set(entries.map(\.key))
            let unnamed = Set(transaction.changes.map(\.key)).subtracting(named)
            told[transaction.place] = entries.map {
                Told(id: $0.id, key: $0.key, keys: unnamed.union([$0.key]))
            }
        }
    }
}
