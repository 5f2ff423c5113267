import Storage
import WALFormat

/// Finds the commits of a log that nobody was told OK of, for writes whose clients heard an error,
/// or nothing: such a write that is there is a ghost.
///
/// - The writes of one transaction are there together, or none of them is.
/// - A commit answers for one transaction: of two that were asked alike and of which one is there,
///   the first is taken for it.
struct GhostSearch {
    private let unexplained: [WALOnDisk.Transaction]
    /// Which of them made what of which key, the first one last.
    private var byChange: [WALOnDisk.Change: [Int]] = [:]
    private var taken: Set<Int> = []

    /// - Parameter told: the places of COMMITs that somebody was told OK of.
    init(_ kept: CommitIndex, told: Set<LogPosition>) {
        unexplained = kept.unexplained(by: told)
        for index in unexplained.indices.reversed() {
            for change in unexplained[index].changes { byChange[change, default: []].append(index) }
        }
    }

    /// Where the COMMIT of these writes ends; nil: there is none. The same is not found again.
    mutating func commit(of writes: [ClientLedger.Entry]) -> LogPosition? {
        for write in writes {
            let change = WALOnDisk.Change(key: write.key, value: write.value)
            while let next = byChange[change]?.last, taken.contains(next) {
                byChange[change]?.removeLast()
            }
            let candidates = (byChange[change] ?? []).reversed().filter { index in
                !taken.contains(index) && writes.allSatisfy { unexplained[index].explains($0) }
            }
            let exact = candidates.first { unexplained[$0].changes.count == writes.count }
            guard let found = exact ?? candidates.first else { continue }
            taken.insert(found)
            return unexplained[found].place
        }
        return nil
    }

    /// The same for many writes, in the order of asking: those of one transaction together.
    mutating func commits(
        of writes: [ClientLedger.Entry]
    ) -> [(entry: ClientLedger.Entry, commit: LogPosition?)] {
        let groups = Dictionary(grouping: writes) { $0.together ?? $0.id }
        var places: [ClientLedger.ID: LogPosition] = [:]
        for (first, group) in groups.sorted(by: { $0.key < $1.key }) {
            places[first] = commit(of: group)
        }
        return writes.map { ($0, places[$0.together ?? $0.id]) }
    }
}

extension WALOnDisk.Transaction {
    /// Whether it did what a write asked for, or may have done in records that are gone.
    fileprivate func explains(_ write: ClientLedger.Entry) -> Bool {
        guard let change = changes.last(where: { $0.key == write.key }) else { return !isComplete }
        return change.value == write.value
    }
}
