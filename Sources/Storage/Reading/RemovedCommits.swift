internal import Synchronization
internal import WALFormat

/// What the log of one data directory said in segments that have been removed since: the notes of
/// the independent witness, whose reading is `WALOnDisk`.
///
/// Whoever removes WAL lets it be heard first; so what was committed stays known, however little of
/// the log is left. It is in memory, for as long as somebody asks, and outlives the open directory.
///
/// - What was heard is durable, and before the redo point: no crash takes it back.
/// - A directory that is made anew from another's backup may keep it: what was heard on timelines
///   that are not the log's counts for nothing.
public final class WALTestimony: Sendable {
    fileprivate struct State {
        var reconstruction = Reconstruction()
        var transactions: [WALOnDisk.Transaction] = []
        /// All records that begin before were heard, and the last of them was this timeline's.
        var heard: (upTo: LSN, on: Timeline)?
    }

    private let state = Mutex(State())

    /// Nothing was heard yet.
    public init() {}

    /// Hears the records that begin before a position. False: the log cannot be read.
    func hear(_ fileSystem: any FileSystem, before position: LSN) -> Bool {
        state.withLock { state in
            do {
                try state.hear(fileSystem, before: position)
                return true
            } catch {
                return false
            }
        }
    }

    /// The transactions that committed, in the order of their COMMITs: what was heard, then what
    /// the log still says.
    public func transactions(of log: WALOnDisk) -> [WALOnDisk.Transaction] {
        state.withLock { state in
            let known = state.transactions.filter {
                log.timeline(at: $0.commitStart) == $0.timeline
            }
            var rest = state.follows(log.lineage) ? state : State()
            let upTo = rest.heard?.upTo ?? .invalid
            let left = log.records.filter { $0.start >= upTo }
            return known + left.compactMap { rest.reconstruction.take($0) }
        }
    }
}

extension WALTestimony.State {
    /// Whether the log that was heard is the beginning of this one.
    fileprivate func follows(_ lineage: Lineage) -> Bool {
        guard let heard, heard.upTo > .invalid else { return false }
        return lineage.timeline(at: LSN(heard.upTo.rawValue - 1)) == heard.on
    }

    /// Damage in a log that is to be removed hides what came behind it, here as for anybody else.
    fileprivate mutating func hear(
        _ fileSystem: any FileSystem, before position: LSN
    ) throws(OpenFailure) {
        var scan = try WALOnDisk.scan(fileSystem, try ControlData(reading: fileSystem))
        if !follows(scan.lineage) {
            reconstruction = Reconstruction()
            heard = nil
        }
        let upTo = heard?.upTo ?? .invalid
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
        heard = (position, scan.lineage.timeline(at: LSN(position.rawValue - 1)))
    }
}
