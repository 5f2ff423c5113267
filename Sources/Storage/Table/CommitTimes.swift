public import WALFormat

/// When the last commits were made, by where they end in the log: how many of them somebody lacks
/// whose log ends earlier, and how old the oldest is.
///
/// - It knows all commits behind `knownFrom`, and none before.
/// - Commits come in LSN order; one that comes again, as redo repeats it, counts once.
public struct CommitTimes: Hashable, Sendable {
    /// What somebody lacks.
    public struct Missing: Hashable, Sendable {
        /// So many commits.
        public let count: Int
        /// The time in the oldest of them; nil: none is missing.
        public let oldest: PostgresTime?
    }

    private struct Commit: Hashable {
        let end: LSN
        let time: PostgresTime
    }

    /// Commits that end behind this are known.
    public private(set) var knownFrom: LSN
    private var commits: [Commit] = []

    /// Nothing is known.
    public static let unknown = CommitTimes(knownFrom: LSN(.max))

    init(knownFrom: LSN) {
        self.knownFrom = knownFrom
    }

    /// How many are kept.
    public var count: Int { commits.count }

    mutating func add(end: LSN, at time: PostgresTime) {
        guard end > commits.last?.end ?? knownFrom else { return }
        commits.append(Commit(end: end, time: time))
    }

    /// What a log that ends at `lsn` lacks of one that ends at `end`; nil: that is not known any
    /// more.
    public func missing(after lsn: LSN, upTo end: LSN) -> Missing? {
        guard lsn >= knownFrom else { return nil }
        let first = place(behind: lsn)
        let count = max(0, place(behind: end) - first)
        return Missing(count: count, oldest: count > 0 ? commits[first].time : nil)
    }

    /// Nobody asks any more what lies before `lsn`.
    public mutating func forget(upTo lsn: LSN) {
        guard lsn > knownFrom else { return }
        knownFrom = lsn
        commits.removeFirst(place(behind: lsn))
    }

    /// The place of the first commit that ends behind `lsn`.
    private func place(behind lsn: LSN) -> Int {
        var (low, high) = (0, commits.count)
        while low < high {
            let middle = (low + high) / 2
            if commits[middle].end > lsn { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
