internal import Synchronization
internal import WALFormat

/// The transactions in segments of one data directory's log that have been removed since, for
/// `CommittedLog`.
///
/// Whoever removes WAL has it read first; so what was committed stays known, however little of
/// the log is left. It is in memory, for as long as somebody asks, and outlives the open directory.
///
/// - What is kept is durable, and before the redo point: no crash takes it back.
/// - A directory that is made anew from another's backup may keep it: commits on timelines
///   that are not the log's counts for nothing.
public final class RemovedCommits: Sendable {
    fileprivate struct State {
        var reconstruction = Reconstruction()
        var transactions: [WALOnDisk.Transaction] = []
        /// All records that begin before were read, and the last of them was this timeline's.
        var kept: (upTo: LSN, on: Timeline)?
    }

    private let state = Mutex(State())

    /// Nothing was removed yet.
    public init() {}

    /// Keeps the commits of the records that begin before a position. False: the log cannot be
    /// read.
    func keep(_ fileSystem: any FileSystem, before position: LSN) -> Bool {
        state.withLock { state in
            do {
                try state.keep(fileSystem, before: position)
                return true
            } catch {
                return false
            }
        }
    }

    /// What is known of a log before any of it is read: the transactions that were kept, and from
    /// where on, and in what state, the reading goes on.
    func beginning(
        of lineage: Lineage
    ) -> (Reconstruction, transactions: [WALOnDisk.Transaction], upTo: LSN) {
        state.withLock { state in
            let known = state.transactions.filter {
                lineage.timeline(at: $0.commitStart) == $0.timeline
            }
            guard state.follows(lineage), let kept = state.kept else {
                return (Reconstruction(), known, .invalid)
            }
            return (state.reconstruction, known, kept.upTo)
        }
    }
}

extension RemovedCommits.State {
    /// Whether the log that was read is the beginning of this one.
    fileprivate func follows(_ lineage: Lineage) -> Bool {
        guard let kept, kept.upTo > .invalid else { return false }
        return lineage.timeline(at: LSN(kept.upTo.rawValue - 1)) == kept.on
    }

    /// Damage in a log that is to be removed hides what came behind it, here as for anybody else.
    fileprivate mutating func keep(
        _ fileSystem: any FileSystem, before position: LSN
    ) throws(OpenFailure) {
        var scan = try WALOnDisk.scan(fileSystem, try ControlData(reading: fileSystem))
        if !follows(scan.lineage) {
            reconstruction = Reconstruction()
            kept = nil
        }
        let upTo = kept?.upTo ?? .invalid
        guard position > upTo else { return }
        do {
            while let entry = try scan.next(), entry.start < position {
                guard entry.start >= upTo else { continue }
                let timeline = scan.lineage.timeline(at: entry.start)
                let transaction = reconstruction.take(
                    WALOnDisk.Entry(
                        record: entry.record, start: entry.start, end: entry.end,
                        timeline: timeline))
                if let transaction { transactions.append(transaction) }
            }
        } catch {
            guard case .corrupt = error else { throw error }
        }
        kept = (position, scan.lineage.timeline(at: LSN(position.rawValue - 1)))
    }
}
