internal import Synchronization
internal import WALFormat

/// The transactions in segments of one data directory's log that have been removed since, as
/// `WALOnDisk` reads them.
///
/// Whoever removes WAL has it read first; so what was committed stays known, however little of
/// the log is left. It is in memory, for as long as somebody asks, and outlives the open directory.
///
/// - What is kept is durable, and before the redo point: no crash takes it back.
/// - A directory that is made anew from another's backup may keep it: commits on timelines that are
///   not the log's count for nothing. Between what was kept and where the backup's log begins there
///   may be WAL that nobody read here: what is read behind it begins afresh.
public final class RemovedCommits: Sendable {
    fileprivate struct State {
        var reconstruction = Reconstruction()
        var transactions: [WALOnDisk.Transaction] = []
        /// All records that begin before were read; the last of them, and its timeline.
        var kept: (upTo: LSN, on: Timeline, last: LSN)?
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

    /// The transactions that committed, in the order of their COMMITs: what was kept, then what
    /// the log still says.
    public func transactions(of log: WALOnDisk) -> [WALOnDisk.Transaction] {
        state.withLock { state in
            let known = state.transactions.filter {
                log.timeline(at: $0.commitStart) == $0.timeline
            }
            let next = log.records.first { $0.start >= state.kept?.upTo ?? .invalid }
            let goesOn = state.goesOn(with: next?.record, of: log.lineage)
            var rest = goesOn ? state.reconstruction : Reconstruction()
            let upTo = goesOn ? next?.start ?? log.end : .invalid
            let left = log.records.drop { $0.start < upTo }
            return known + left.compactMap { rest.take($0) }
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
        _ fileSystem: any FileSystem, before position: LSN
    ) throws(OpenFailure) {
        var scan = try WALOnDisk.scan(fileSystem, try ControlData(reading: fileSystem))
        if !goesOn(with: nil, of: scan.lineage) { begin() }
        var upTo = kept?.upTo ?? .invalid
        guard position > upTo else { return }
        var last = kept?.last ?? .invalid
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
                if let transaction { transactions.append(transaction) }
            }
        } catch {
            guard case .corrupt = error else { throw error }
        }
        kept = (position, scan.lineage.timeline(at: LSN(position.rawValue - 1)), last)
    }

    /// Nothing that was read before is of use to what is read next.
    private mutating func begin() {
        reconstruction = Reconstruction()
        kept = nil
    }
}
