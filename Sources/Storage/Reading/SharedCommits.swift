internal import Synchronization
internal import TableFormat

/// One copy in memory of what several nodes' logs say alike. Nodes that ship a log to each other
/// say the same, and each was read for itself; what is found equal, byte for byte, is held once.
///
/// It answers nobody's question: who keeps something here has it, and has the same as before.
public final class SharedCommits: Sendable {
    private struct State {
        var segments: Set<PackedCommits> = []
        /// The newest version of each page, as far as anybody has read.
        var pages: [UInt32: HeapPage] = [:]
    }

    private let state = Mutex(State())

    /// Nothing is kept yet.
    public init() {}

    /// The same transactions, as the copy that is held.
    func shared(_ commits: PackedCommits) -> PackedCommits {
        state.withLock { $0.segments.insert(commits).memberAfterInsert }
    }

    /// The same page, as the copy that is held if this is no older.
    func shared(_ page: HeapPage, block: UInt32) -> HeapPage {
        state.withLock { state in
            let known = state.pages[block]
            if let known, known == page { return known }
            if known.map({ $0.lsn < page.lsn }) ?? true { state.pages[block] = page }
            return page
        }
    }
}
