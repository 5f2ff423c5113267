internal import Synchronization
internal import WALFormat

/// The transactions in segments of one data directory's log that have been removed since, for
/// `CommittedLog`.
///
/// Whoever removes WAL has it read first; so what was committed stays known, however little of
/// the log is left. It is in memory, for as long as somebody asks, and outlives the open directory.
///
/// - What is kept is durable, and before the redo point: no crash takes it back.
/// - It is kept segment by segment and page by page, so that nodes that say the same share it.
/// - A directory that is made anew from another's backup may keep it: commits on timelines that are
///   not the log's count for nothing. Between what was kept and where the backup's log begins there
///   may be WAL that nobody read here: what is read behind it begins afresh.
public final class RemovedCommits: Sendable {
    /// What is known before any of a log is read.
    struct Beginning {
        var transactions: [WALOnDisk.Transaction]
        var reconstruction = Reconstruction()
        /// Records that begin before were read.
        var upTo = LSN.invalid
        /// The last of them.
        var last = LSN.invalid

        /// Takes the next record of the log that is there.
        mutating func take(_ entry: WALOnDisk.Entry) {
            guard entry.start >= upTo else { return }
            // In a log that was replaced the WAL in between may be missing.
            if upTo > .invalid, entry.record.previous != last { reconstruction = Reconstruction() }
            upTo = .invalid
            if let transaction = reconstruction.take(entry) { transactions.append(transaction) }
        }
    }

    fileprivate struct State {
        var reconstruction = Reconstruction()
        /// In the order of their COMMITs, a segment's in each.
        var transactions: [PackedCommits] = []
        /// All records that begin before were read; the last of them, and its timeline.
        var kept: (upTo: LSN, on: Timeline, last: LSN)?
    }

    private let state = Mutex(State())
    private let shared: SharedCommits

    /// Nothing was removed yet.
    /// - Parameter shared: with whom what is kept alike is held once.
    public init(sharing shared: SharedCommits = SharedCommits()) {
        self.shared = shared
    }

    /// Keeps the commits of the records that begin before a position. False: the log cannot be
    /// read.
    func keep(_ fileSystem: any FileSystem, before position: LSN) -> Bool {
        state.withLock { state in
            do {
                try state.keep(fileSystem, before: position, sharing: shared)
                return true
            } catch {
                return false
            }
        }
    }

    /// What is known of a log before any of it is read: the transactions that were kept, and from
    /// where on, and in what state, the reading goes on.
    func beginning(of lineage: Lineage) -> Beginning {
        state.withLock { state in
            let known = state.transactions.flatMap { packed in
                packed.transactions.filter {
                    lineage.timeline(at: $0.commitStart) == $0.timeline
                }
            }
            guard state.goesOn(with: nil, of: lineage), let kept = state.kept else {
                return Beginning(transactions: known)
            }
            return Beginning(
                transactions: known, reconstruction: state.reconstruction, upTo: kept.upTo,
                last: kept.last)
        }
    }
}

extension RemovedCommits.State {
    /// Whether the log that was read is the beginning of this one, and `next`, the first record of
    /// this one behind it, is the one that came next.
    fileprivate func goesOn(with next: WALRecord?, of lineage: Lineage) -> Bool {
        guard let kept, kept.upTo > .invalid,
            lineage.timeline(at: LSN(kept.upTo.rawValue - 1)) == kept.on
        else { return false }
        return next.map { $0.previous == kept.last } ?? true
    }

    /// Damage in a log that is to be removed hides what came behind it, here as for anybody else.
    fileprivate mutating func keep(
        _ fileSystem: any FileSystem, before position: LSN, sharing shared: SharedCommits
    ) throws(OpenFailure) {
        let control = try ControlData(reading: fileSystem)
        var scan = try WALOnDisk.scan(fileSystem, control)
        if !goesOn(with: nil, of: scan.lineage) { begin() }
        var upTo = kept?.upTo ?? .invalid
        guard position > upTo else { return }
        var last = kept?.last ?? .invalid
        var segment = UnfinishedSegment(size: control.segmentSize)
        do {
            while let entry = try scan.next(), entry.start < position {
                guard entry.start >= upTo else { continue }
                // Of a log that was replaced the WAL in between may be missing.
                if upTo > .invalid, entry.record.previous != last { begin() }
                upTo = .invalid
                last = entry.start
                let timeline = scan.lineage.timeline(at: entry.start)
                let transaction = reconstruction.take(
                    WALOnDisk.Entry(
                        record: entry.record, start: entry.start, end: entry.end,
                        timeline: timeline))
                if let transaction, let full = segment.append(transaction) {
                    transactions.append(shared.shared(full))
                }
            }
        } catch {
            guard case .corrupt = error else { throw error }
        }
        if !segment.commits.isEmpty { transactions.append(shared.shared(segment.commits)) }
        reconstruction.sharePages(shared)
        kept = (position, scan.lineage.timeline(at: LSN(position.rawValue - 1)), last)
    }

    /// Nothing that was read before is of use to what is read next.
    private mutating func begin() {
        reconstruction = Reconstruction()
        kept = nil
    }
}

/// The transactions whose COMMITs begin in one segment, while they come.
private struct UnfinishedSegment {
    let size: SegmentSize
    var number: UInt64?
    var commits = PackedCommits()

    /// Takes the next; answers the segment before when this one begins another.
    mutating func append(_ transaction: WALOnDisk.Transaction) -> PackedCommits? {
        let begun = size.number(containing: transaction.commitStart)
        defer {
            number = begun
            commits.append(transaction)
        }
        guard let number, number != begun else { return nil }
        defer { commits = PackedCommits() }
        return commits
    }
}
